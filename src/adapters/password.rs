//! Passwords: argon2id with the cost of the configuration.
//!
//! A hash takes 19 MiB of memory by the usual cost and a processor for itself. When everybody logs in at once,
//! as on an opening day, a hash on each thread that serves a request would take gigabytes and come no sooner:
//! as many threads as there are processors hash for all.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::config::Auth;
use crate::services::ports::{Passwords, PortError};

/// A piece of work for one of the threads that hash.
type Work = Box<dyn FnOnce(&Argon2<'static>) + Send>;

/// Argon2id.
pub struct Argon2Passwords {
    // The threads end when this is dropped.
    work: SyncSender<Work>,
    // What an unknown account's password is compared with.
    nobody: String,
}

impl Argon2Passwords {
    /// With the cost of the configuration.
    ///
    /// # Errors
    /// When the cost is out of argon2's range.
    pub fn new(auth: &Auth) -> Result<Self, PortError> {
        let params = Params::new(auth.argon2_memory_kib, auth.argon2_iterations, auth.argon2_lanes, None)
            .map_err(|error| PortError(format!("auth.argon2_*: {error}")))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, "nobody's password")?;
        // No room: whoever brings work waits until a thread takes it.
        let (work, to_do) = sync_channel(0);
        let to_do = Arc::new(Mutex::new(to_do));
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            let (argon2, to_do) = (argon2.clone(), Arc::clone(&to_do));
            thread::spawn(move || hash_for_all(&argon2, &to_do));
        }
        Ok(Self { work, nobody })
    }

    /// Has this done by one of the threads that hash.
    fn by_turns<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, PortError> {
        let ended = || PortError("argon2: the threads that hash have ended".to_owned());
        let (reply, answer) = sync_channel(1);
        let work = move |argon2: &Argon2<'static>| {
            // Whoever asked waits for it.
            let _ = reply.send(work(argon2));
        };
        self.work.send(Box::new(work)).map_err(|_| ended())?;
        answer.recv().map_err(|_| ended())
    }
}

fn hash_for_all(argon2: &Argon2<'static>, to_do: &Mutex<Receiver<Work>>) {
    loop {
        let next = to_do.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => work(argon2),
            Err(_) => return,
        }
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, PortError> {
    let hash = argon2.hash_password(password.as_bytes()).map_err(|error| PortError(format!("argon2: {error}")))?;
    Ok(hash.to_string())
}

impl Passwords for Argon2Passwords {
    fn hash(&self, password: &str) -> Result<String, PortError> {
        let password = password.to_owned();
        self.by_turns(move |argon2| hash(argon2, &password))?
    }

    fn verify(&self, password: &str, hash: &str) -> bool {
        let (password, hash) = (password.to_owned(), hash.to_owned());
        let verified = self.by_turns(move |argon2| {
            PasswordHash::new(&hash).is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        });
        verified.unwrap_or_else(|error| {
            tracing::error!(%error, "a password was not verified");
            false
        })
    }

    fn verify_nothing(&self, password: &str) {
        // The answer is known; only the time it takes matters.
        let _ = self.verify(password, &self.nobody);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Argon2Passwords {
        let auth = crate::config::Settings::load(None).unwrap().auth;
        Argon2Passwords::new(&Auth { argon2_memory_kib: 64, argon2_iterations: 1, ..auth }).unwrap()
    }

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let passwords = cheap();
        let hash = passwords.hash("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse", &hash));
        assert!(!passwords.verify("wrong horse", &hash));
        assert!(!passwords.verify("correct horse", "no hash"));
        assert_ne!(hash, passwords.hash("correct horse").unwrap(), "each hash has its own salt");
    }

    #[test]
    fn of_many_at_once_each_gets_its_own_answer() {
        let passwords = cheap();
        let hash = passwords.hash("right 0").unwrap();
        thread::scope(|scope| {
            for number in 0..50 {
                let (passwords, hash) = (&passwords, &hash);
                scope.spawn(move || {
                    assert_eq!(passwords.verify(&format!("right {}", number % 2), hash), number % 2 == 0);
                });
            }
        });
    }
}
