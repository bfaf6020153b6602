;; G-22. Objects that the engine collects.
;; Must happen: refused at `/init`, with the name of the proposal.
(type $pair (struct (field i32) (field i32)))
(func $misbehave (result i32)
  (drop (struct.new $pair (i32.const 1) (i32.const 2)))
  (call $fine))
