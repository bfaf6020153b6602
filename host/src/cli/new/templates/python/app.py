def main(parameters):
    name = parameters.get("name", "World")
    print(f"greeting {name}")
    return {"greeting": f"Hello, {name}!"}
