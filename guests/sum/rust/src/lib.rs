wow_action::generate!({ path: "wit", world: "sum" });

struct Action;

export!(Action);

impl Guest for Action {
    fn add(a: i64, b: i64) -> Result<Sum, String> {
        let sum = a.checked_add(b).ok_or("the sum does not fit in 64 bits")?;
        Ok(Sum { sum })
    }
}
