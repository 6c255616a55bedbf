//! Mail to people: by a mail server, or into the outbox of a development installation.
use std::time::Duration;

use kernel::{Error, Result};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::outbox::{Kind, Outbox};

/// How the mail server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// In clear at first, then encrypted: the usual way, on port 587. Refused when the server cannot.
    StartTls,
    /// Encrypted from the first byte, on port 465.
    Tls,
    /// In clear: for a server on this machine.
    None,
}

/// A mail server.
pub struct MailServer {
    pub host: String,
    /// The usual one of the security when absent.
    pub port: Option<u16>,
    pub security: Security,
    pub username: Option<String>,
    pub password: Option<String>,
    /// Whom mails are from, as `Nadi <nadi@example.org>`.
    pub from: String,
}

/// The edge that mails go through. No mail holds anything of a patient's health.
pub struct Mail(By);

enum By {
    Server { transport: AsyncSmtpTransport<Tokio1Executor>, from: Box<Mailbox> },
    Outbox(Outbox),
    Nobody,
}

/// How long a mail server may take for one mail.
const PATIENCE: Duration = Duration::from_secs(15);

impl Mail {
    pub fn by_server(server: MailServer) -> Result<Self> {
        let builder = match server.security {
            Security::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&server.host),
            Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&server.host),
            Security::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)),
        };
        let mut builder = builder.map_err(Error::internal)?.timeout(Some(PATIENCE));
        if let Some(port) = server.port {
            builder = builder.port(port);
        }
        if let (Some(username), Some(password)) = (server.username, server.password) {
            builder = builder.credentials(Credentials::new(username, password));
        }
        let from = server.from.parse::<Mailbox>().map_err(Error::internal)?;
        Ok(Self(By::Server { transport: builder.build(), from: Box::new(from) }))
    }

    pub fn into_outbox(outbox: Outbox) -> Self {
        Self(By::Outbox(outbox))
    }

    /// Sends nothing and says so.
    pub fn by_nobody() -> Self {
        Self(By::Nobody)
    }

    /// Sends a mail; 503 when it cannot be sent.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<()> {
        match &self.0 {
            By::Server { transport, from } => {
                let mail = letter(from, to, subject, text).ok_or_else(unsent)?;
                let sent = transport.send(mail).await;
                // The error's own words may hold the address.
                sent.map(drop).map_err(|error| {
                    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
                    tracing::warn!(code, permanent = error.is_permanent(), "a mail was not sent");
                    unsent()
                })
            }
            By::Outbox(outbox) => outbox.put(Kind::Mail, to, &format!("Subject: {subject}\n\n{text}")).await,
            By::Nobody => Err(Error::unavailable("this server sends no mail: its operator has to name a mail server")),
        }
    }
}

fn letter(from: &Mailbox, to: &str, subject: &str, text: &str) -> Option<Message> {
    let letter = Message::builder().from(from.clone()).to(to.parse().ok()?).subject(subject);
    letter.header(ContentType::TEXT_PLAIN).body(text.to_owned()).ok()
}

fn unsent() -> Error {
    Error::unavailable("the mail could not be sent; try again later")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    /// A mail server that takes one mail and answers what it was told.
    async fn hear(listener: TcpListener) -> String {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let (mut lines, mut heard, mut in_data) = (BufReader::new(read).lines(), String::new(), false);
        write.write_all(b"220 here\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard += &format!("{line}\n");
            let answer = match line.as_str() {
                "." => "250 taken",
                _ if in_data => continue,
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            in_data = line == "DATA";
            write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
        heard
    }

    fn server(port: u16) -> MailServer {
        let (host, from) = ("127.0.0.1".to_owned(), "Nadi <nadi@example.org>".to_owned());
        MailServer { host, port: Some(port), security: Security::None, username: None, password: None, from }
    }

    #[tokio::test]
    async fn a_mail_server_is_told_whom_a_mail_is_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mail = Mail::by_server(server(listener.local_addr().unwrap().port())).unwrap();
        let hearing = tokio::spawn(hear(listener));
        mail.send("asha@example.org", "Your code", "The code is 123456.").await.unwrap();
        drop(mail);
        let heard = hearing.await.unwrap();
        for part in ["RCPT TO:<asha@example.org>", "Subject: Your code", "The code is 123456."] {
            assert!(heard.contains(part), "{part} is not in {heard}");
        }
    }

    #[tokio::test]
    async fn a_mail_that_cannot_be_sent_is_said_to_be_so() {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let refused = Mail::by_server(server(port)).unwrap().send("asha@example.org", "x", "x").await.unwrap_err();
        assert_eq!(refused.status(), 503);
        assert!(!format!("{refused}").contains("asha"));
        assert_eq!(Mail::by_nobody().send("asha@example.org", "x", "x").await.unwrap_err().status(), 503);
    }
}
