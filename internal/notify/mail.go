package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// compose is a message as mail: headers that nothing can be smuggled into, and plain text in UTF-8. Lines end with \r\n.
func compose(m *Message, from *mail.Address, to []*mail.Address, now time.Time) ([]byte, error) {
	var b bytes.Buffer
	header := func(name, value string) { b.WriteString(fold(name+": "+value) + "\r\n") }
	receivers := make([]string, len(to))
	for i, a := range to {
		receivers[i] = a.String()
	}
	sum := sha256.Sum256([]byte(m.ID))
	header("From", from.String())
	header("To", strings.Join(receivers, ", "))
	header("Subject", mime.QEncoding.Encode("utf-8", m.Subject()))
	header("Date", now.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	header("Message-ID", "<"+hex.EncodeToString(sum[:16])+"@"+domainOf(from)+">")
	header("Auto-Submitted", "auto-generated") // keeps out-of-office answers away
	header("MIME-Version", "1.0")
	header("Content-Type", `text/plain; charset="utf-8"`)
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(m.Text(), "\n", "\r\n"))); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func domainOf(a *mail.Address) string { return a.Address[strings.LastIndexByte(a.Address, '@')+1:] }

// fold breaks a header at spaces, so that lines stay below 78 characters where they can. Line ends within it become spaces: none may
// start a header of its own.
func fold(header string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(header) {
		switch {
		case i == 0:
		case column+1+len(word) > 76:
			b.WriteString("\r\n ")
			column = 1
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
