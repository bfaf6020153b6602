;; G-07. Hands the host a list of a thousand headers whose values are all the same
;; megabyte: a gigabyte of copies for a megabyte of memory.
;; Must happen: a trap before most of it is copied.
(func $misbehave (result i32) (local $entry i32) (local $list i32)
  (local.set $list (call $allocate (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 16000)))
  (i32.store8 (i32.const 1024) (i32.const 0x61))
  (local.set $entry (local.get $list))
  (drop (memory.grow (i32.const 17)))
  (loop $more
    ;; The name `a`, and a megabyte of NULs from the heap's end on.
    (i32.store (local.get $entry) (i32.const 1024))
    (i32.store offset=4 (local.get $entry) (i32.const 1))
    (i32.store offset=8 (local.get $entry) (i32.const 131072))
    (i32.store offset=12 (local.get $entry) (i32.const 1048576))
    (local.set $entry (i32.add (local.get $entry) (i32.const 16)))
    (br_if $more (i32.lt_u
      (local.get $entry) (i32.add (local.get $list) (i32.const 16000)))))
  (call $fields-from-list (local.get $list) (i32.const 1000) (i32.const 128))
  (call $fine))
