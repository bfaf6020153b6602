;; G-20. Reads the clock for ever, as one does who measures others.
;; Must happen: it ends at its deadline.
(func $misbehave (result i32)
  (loop $forever (result i32)
    (drop (call $now))
    (br $forever)))
