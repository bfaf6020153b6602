;; G-22. Calls by typed references.
;; Must happen: refused at `/init`, with the name of the proposal.
(type $f (func (result i32)))
(elem declare func $misbehave)
(func $misbehave (type $f) (call_ref $f (ref.func $misbehave)))
