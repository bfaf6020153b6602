;; G-08. Prints what is not UTF-8, a NUL, colours and half a character, and no newline.
;; Must happen: the bytes are as they were; the sentinel is on a line of its own.
(data (i32.const 1024) "\ff\fe\00\1b[31mred\1b[0m\e2\98")
(func $misbehave (result i32)
  (call $print (i32.const 0) (i32.const 1024) (i32.const 17))
  (call $print (i32.const 1) (i32.const 1024) (i32.const 17))
  (call $fine))
