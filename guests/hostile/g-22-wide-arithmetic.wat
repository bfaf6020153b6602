;; G-22. Additions of 128 bits.
;; Must happen: refused at `/init`, with the name of the proposal.
(func $misbehave (result i32)
  (i64.add128 (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1))
  (drop) (drop)
  (call $fine))
