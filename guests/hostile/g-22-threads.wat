;; G-22. Atomic instructions.
;; Must happen: refused at `/init`, with the name of the proposal.
(func $misbehave (result i32)
  (drop (i32.atomic.rmw.add (i32.const 1024) (i32.const 1)))
  (call $fine))
