;; G-22. Continuations.
;; Must happen: refused at `/init`, with the name of the proposal.
(type $f (func))
(type $k (cont $f))
(func $misbehave (result i32) (call $fine))
