//! What is believed of what lies in a cache: nothing that this host did not write itself.

use super::*;

#[test]
fn c_01_a_forged_entry_is_never_loaded() {
    let (_temporary, path) = folder();
    answers(&opened(&path), &numbered(1), 1);
    answers(&opened(&path), &numbered(2), 2);
    let [one, two] = entries(&path).try_into().unwrap();
    // Genuine code, and genuinely authenticated, under the name of another component.
    let (first, second) = (fs::read(&one).unwrap(), fs::read(&two).unwrap());
    fs::write(&one, &second).unwrap();
    fs::write(&two, &first).unwrap();
    let library = opened(&path);
    answers(&library, &numbered(1), 1);
    answers(&library, &numbered(2), 2);
    assert_eq!(counts(&library), [0, 0, 2, 0], "both were rejected and compiled again");
    answers(&opened(&path), &numbered(1), 1);
}

#[test]
fn c_01_a_folder_that_others_can_enter_is_refused() {
    let (_temporary, path) = folder();
    drop(Cache::open(&path, BOUNDS).unwrap());
    fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
    let error = Cache::open(&path, BOUNDS).err().unwrap().to_string();
    let wanted = "and mode 777: what is in it is executed, so it must be this user's alone";
    assert!(error.contains(wanted), "{error}");
    fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(path.join("key"), Permissions::from_mode(0o644)).unwrap();
    let error = format!("{:#}", Cache::open(&path, BOUNDS).err().unwrap());
    assert!(error.contains("mode 644: whoever knows it can forge code"), "{error}");
}

#[test]
fn c_01_links_are_not_followed() {
    let (temporary, path) = folder();
    answers(&opened(&path), &numbered(1), 1);
    let entry = entries(&path).remove(0);
    let elsewhere = temporary.path().join("elsewhere");
    fs::rename(&entry, &elsewhere).unwrap();
    symlink(&elsewhere, &entry).unwrap();
    let library = opened(&path);
    answers(&library, &numbered(1), 1);
    assert_eq!(counts(&library), [0, 0, 1, 0]);
    let link = temporary.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(Cache::open(&link, BOUNDS).is_err(), "nor to the folder itself");
}

#[test]
fn c_02_a_damaged_entry_is_a_miss_and_is_mended() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("cut", |path| OpenOptions::new().write(true).open(path).unwrap().set_len(100).unwrap()),
        ("emptied", |path| fs::write(path, b"").unwrap()),
        ("replaced", |path| fs::write(path, vec![7; 100_000]).unwrap()),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("flipped", |path| {
            let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
            let middle = file.metadata().unwrap().len() / 2;
            let mut byte = [0];
            file.seek(std::io::SeekFrom::Start(middle)).unwrap();
            file.read_exact(&mut byte).unwrap();
            file.seek(std::io::SeekFrom::Start(middle)).unwrap();
            file.write_all(&[byte[0] ^ 1]).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let (_temporary, path) = folder();
        answers(&opened(&path), &numbered(1), 1);
        damage(&entries(&path)[0]);
        let library = opened(&path);
        answers(&library, &numbered(1), 1);
        let [hits, misses, rejected, _] = counts(&library);
        assert_eq!([hits, misses, rejected], [0, 0, 1], "{name}");
        if name != "a folder" {
            let after = opened(&path);
            answers(&after, &numbered(1), 1);
            assert_eq!(counts(&after), [1, 0, 0, 0], "{name}: it was mended");
        }
    }
}

#[test]
fn c_02_every_byte_of_a_large_entry_counts() {
    // Of more than a megabyte, and so authenticated without a copy; and of less.
    for size in [3 << 20, 100_000] {
        let (_temporary, path) = folder();
        let name = Name { component: blake3::hash(b"a component"), engine: wow_engine::key() };
        let code: Vec<u8> = (0..=250).cycle().take(size).collect();
        Cache::open(&path, BOUNDS).unwrap().put(&name, &code).unwrap();
        let entry = entries(&path).remove(0);
        let genuine = fs::read(&entry).unwrap();
        let found = || {
            let cache = Cache::open(&path, BOUNDS).unwrap();
            let found = cache.get(&name).map(|_| ());
            (found, cache.counts().rejected.load(Ordering::Relaxed))
        };
        assert_eq!(found(), (Some(()), 0), "{size}");
        for place in [0, size / 2, size - 1, size, genuine.len() - 1] {
            let mut damaged = genuine.clone();
            damaged[place] ^= 1;
            fs::write(&entry, &damaged).unwrap();
            assert_eq!(found(), (None, 1), "byte {place} of {size}");
        }
        fs::write(&entry, &genuine[..genuine.len() - 1]).unwrap();
        assert_eq!(found(), (None, 1), "cut, {size}");
        fs::write(&entry, &genuine).unwrap();
        assert_eq!(found(), (Some(()), 0), "{size}");
    }
}

#[test]
fn c_02_an_entry_that_is_changed_after_it_was_verified_is_verified_again() {
    let (_temporary, path) = folder();
    let library = opened(&path);
    answers(&library, &numbered(1), 1);
    answers(&library, &numbered(1), 1);
    assert_eq!(counts(&library), [1, 1, 0, 0], "the first container is gone, its code on disk");
    let entry = entries(&path).remove(0);
    let bytes = fs::read(&entry).unwrap();
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    fs::write(&entry, damaged).unwrap();
    answers(&library, &numbered(1), 1);
    assert_eq!(counts(&library), [1, 1, 1, 0]);
}

#[test]
fn an_upload_that_was_decoded_once_is_known_to_every_process() {
    let (_temporary, path) = folder();
    answers(&opened(&path), &numbered(1), 1);
    let [known] = uploads(&path).try_into().unwrap();
    assert_eq!(fs::metadata(&known).unwrap().permissions().mode() & 0o777, 0o600);
    // Two digests: the component's and the file's own code.
    assert_eq!(fs::metadata(&known).unwrap().len(), 64);
    // Its code is gone: the upload says again what to compile.
    fs::remove_file(&entries(&path)[0]).unwrap();
    let library = opened(&path);
    answers(&library, &numbered(1), 1);
    assert_eq!(counts(&library), [0, 1, 0, 0]);
    assert_eq!((entries(&path).len(), uploads(&path)), (1, vec![known]));
}

#[test]
fn c_01_what_is_said_of_an_upload_cannot_be_forged() {
    let (_temporary, path) = folder();
    let library = opened(&path);
    answers(&library, &numbered(1), 1);
    let one = uploads(&path).remove(0);
    answers(&library, &numbered(2), 2);
    let two = uploads(&path).into_iter().find(|path| *path != one).unwrap();
    let genuine = fs::read(&two).unwrap();
    let forgeries = [
        ("another's", fs::read(&one).unwrap()),
        ("flipped", genuine.iter().map(|byte| byte ^ 1).collect()),
        ("longer", [&genuine[..32], b"version = 1", &genuine[32..]].concat()),
        ("short", genuine[..40].to_vec()),
        ("empty", Vec::new()),
        ("large", vec![7; 200 << 10]),
    ];
    for (name, forgery) in forgeries {
        fs::write(&two, forgery).unwrap();
        let library = opened(&path);
        answers(&library, &numbered(2), 2);
        // The upload was decoded, its code was there; what is known of it was mended.
        assert_eq!(counts(&library), [1, 0, 1, 0], "{name}");
        assert_eq!(fs::read(&two).unwrap(), genuine, "{name}");
    }
}
