;; G-18 and G-19. Looks for a directory to open files in, and to fill.
;; Must happen: it has none, so it can do neither.
(func $misbehave (result i32)
  (call $get-directories (i32.const 128))
  (if (i32.load (i32.const 132)) (then (unreachable)))
  (call $fine))
