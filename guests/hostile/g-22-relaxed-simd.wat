;; G-22. Instructions whose results differ between processors.
;; Must happen: refused at `/init`, with the name of the proposal.
(func $misbehave (result i32) (local $v v128)
  (drop (i8x16.relaxed_swizzle (local.get $v) (local.get $v)))
  (call $fine))
