;; G-22. Calls that need no stack, for ever.
;; Must happen: refused at `/init`, with the name of the proposal.
(func $misbehave (result i32) (return_call $misbehave))
