;; G-16 and I-17. Returns bytes that are no text.
;; Must happen: a trap.
(data (i32.const 1024) "{\"a\":\"\ff\"}")
(func $misbehave (result i32) (call $ok (i32.const 1024) (i32.const 9)))
