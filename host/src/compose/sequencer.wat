;; Runs functions from JSON text to JSON text one after another: what one gives is
;; what the next takes. `sequence.rs` puts a component around it, and fills the table.
;;
;; Below 16 is the result of the function that ran last, as the canonical ABI lays out
;; `result<string, string>`: the case at 0, the text's address at 4, its length at 8.
(module
  (type $step (func (param $address i32) (param $length i32) (param $result i32)))
  (memory (export "memory") 1)
  ;; One function for each element, and a null that ends them.
  (table $steps (export "steps") 17 funcref)

  ;; The text that is read now, from $start to $end. What comes next is written where
  ;; it is not, so that two texts are all that memory ever holds.
  (global $start (mut i32) (i32.const 16))
  (global $end (mut i32) (i32.const 16))

  ;; Only texts are allocated: the alignment is always 1. There is one new text at a
  ;; time, so a text that grows (from another encoding) may grow where it is.
  (func (export "realloc")
    (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $place i32)
    (local $pages i64)
    (local.set $place
      (select
        (i32.const 16)
        (global.get $end)
        (i32.le_u (local.get $size) (i32.sub (global.get $start) (i32.const 16)))))
    (if (i32.and (i32.ne (local.get $old) (i32.const 0)) (i32.ge_u (local.get $old) (global.get $end)))
      (then (local.set $place (local.get $old))))
    (local.set $pages
      (i64.shr_u
        (i64.add
          (i64.add (i64.extend_i32_u (local.get $place)) (i64.extend_i32_u (local.get $size)))
          (i64.const 65535))
        (i64.const 16)))
    (if (i64.gt_u (local.get $pages) (i64.extend_i32_u (memory.size)))
      (then
        (if (i32.eq
              (memory.grow (i32.sub (i32.wrap_i64 (local.get $pages)) (memory.size)))
              (i32.const -1))
          (then unreachable))))
    (if (i32.and (i32.ne (local.get $old) (i32.const 0)) (i32.ne (local.get $old) (local.get $place)))
      (then
        (memory.copy
          (local.get $place)
          (local.get $old)
          (select
            (local.get $size)
            (local.get $old-size)
            (i32.lt_u (local.get $size) (local.get $old-size))))))
    (local.get $place))

  (func (export "run") (param $address i32) (param $length i32) (result i32)
    (local $step i32)
    (loop $next
      (global.set $start (local.get $address))
      (global.set $end (i32.add (local.get $address) (local.get $length)))
      (call_indirect $steps (type $step)
        (local.get $address) (local.get $length) (i32.const 0) (local.get $step))
      (local.set $step (i32.add (local.get $step) (i32.const 1)))
      (local.set $address (i32.load (i32.const 4)))
      (local.set $length (i32.load (i32.const 8)))
      ;; An error is everybody's error.
      (if (i32.load8_u (i32.const 0)) (then (return (i32.const 0))))
      (if (ref.is_null (table.get $steps (local.get $step))) (then (return (i32.const 0))))
      (br_if $next (call $goes-on (local.get $address) (local.get $length))))
    (i32.const 0))

  ;; Whether a result is handed on. One that is no object or array is for the platform
  ;; to refuse, and an object with a field `error` ends a sequence of OpenWhisk's.
  (func $goes-on (param $at i32) (param $length i32) (result i32)
    (local $end i32)
    (local $byte i32)
    (local $depth i32)
    (local $string i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (local.set $at (call $past-space (local.get $at) (local.get $end)))
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
    (local.set $byte (i32.load8_u (local.get $at)))
    (if (i32.eq (local.get $byte) (i32.const 0x5b (; [ ;))) (then (return (i32.const 1))))
    (if (i32.ne (local.get $byte) (i32.const 0x7b (; { ;))) (then (return (i32.const 0))))
    (loop $token
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 1))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eq (local.get $byte) (i32.const 0x22 (; a quotation mark ;)))
        (then
          (local.set $string (local.get $at))
          (local.set $at (call $string-end (local.get $at) (local.get $end)))
          (if (i32.eq (local.get $depth) (i32.const 1))
            (then
              (if (call $is-error-key (local.get $string) (local.get $at) (local.get $end))
                (then (return (i32.const 0))))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $token)))
      ;; Without the bit that tells `[` from `{`, and `]` from `}`.
      (local.set $byte (i32.and (local.get $byte) (i32.const 0xdf)))
      (if (i32.eq (local.get $byte) (i32.const 0x5b))
        (then (local.set $depth (i32.add (local.get $depth) (i32.const 1)))))
      (if (i32.eq (local.get $byte) (i32.const 0x5d))
        (then (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))))
      (br $token))
    unreachable)

  ;; Where a string ends: at its quotation mark, or where the text does.
  (func $string-end (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (loop $character
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $end))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 0x22)) (then (return (local.get $at))))
      (local.set $at
        (i32.add
          (local.get $at)
          ;; What a backslash escapes is no end.
          (select (i32.const 2) (i32.const 1) (i32.eq (local.get $byte) (i32.const 0x5c)))))
      (br $character))
    unreachable)

  ;; Whether the string up to $at is `error`, and a key.
  (func $is-error-key (param $string i32) (param $at i32) (param $end i32) (result i32)
    (if (i32.ne (i32.sub (local.get $at) (local.get $string)) (i32.const 5))
      (then (return (i32.const 0))))
    (if (i32.ne (i32.load align=1 (local.get $string)) (i32.const 0x6f727265 (; erro ;)))
      (then (return (i32.const 0))))
    (if (i32.ne (i32.load8_u offset=4 (local.get $string)) (i32.const 0x72 (; r ;)))
      (then (return (i32.const 0))))
    (local.set $at
      (call $past-space (i32.add (local.get $at) (i32.const 1)) (local.get $end)))
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
    (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x3a (; a colon ;))))

  (func $past-space (param $at i32) (param $end i32) (result i32)
    (loop $byte
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $at))))
      (if (i32.gt_u (i32.load8_u (local.get $at)) (i32.const 0x20)) (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $byte))
    unreachable))
