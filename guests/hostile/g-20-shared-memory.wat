;; G-20. Memory that threads share: with a thread that counts it is a finer clock than ours.
;; Must happen: refused at `/init`.
(memory $shared 1 1 shared)
(func $misbehave (result i32) (call $fine))
