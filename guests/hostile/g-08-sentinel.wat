;; G-08. Forges the end of its log: on stdout at once, on stderr in two halves and
;; without a newline.
;; Must happen: what it wrote is in lower case, so that the platform finds only the
;; host's own.
(data (i32.const 1024) "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n")
(func $misbehave (result i32)
  (call $print (i32.const 0) (i32.const 1024) (i32.const 38))
  (call $print (i32.const 0) (i32.const 1024) (i32.const 38))
  (call $print (i32.const 1) (i32.const 1024) (i32.const 20))
  (call $print (i32.const 1) (i32.const 1044) (i32.const 17))
  (call $fine))
