;; G-08. Prints lines of 1000 bytes for ever.
;; Must happen: it ends at its deadline; its log is cut in OpenWhisk's own words.
(func $misbehave (result i32)
  (memory.fill (i32.const 4096) (i32.const 0x61) (i32.const 999))
  (i32.store8 (i32.const 5095) (i32.const 0x0a))
  (loop $forever (result i32)
    (call $print (i32.const 0) (i32.const 4096) (i32.const 1000))
    (br $forever)))
