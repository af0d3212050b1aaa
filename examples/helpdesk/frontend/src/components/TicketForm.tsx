import { useState, type FormEvent } from "react";

import { createTicket } from "../api/tickets";
import { useNotifications } from "../context/NotificationsContext";
import { useSession } from "../context/SessionContext";

export function TicketForm({ onCreated }: { onCreated: () => void }) {
  const { token } = useSession();
  const { notify } = useNotifications();
  const [subject, setSubject] = useState("");
  const [body, setBody] = useState("");
  const [problem, setProblem] = useState("");

  async function submit(event: FormEvent) {
    event.preventDefault();
    try {
      const ticket = await createTicket(token, { customer_id: 1, subject, body });
      setProblem("");
      notify(`Ticket #${ticket.id} was created`);
      onCreated();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <input
        aria-label="Subject"
        value={subject}
        onChange={(event) => setSubject(event.target.value)}
        minLength={3}
        required
      />
      <textarea
        aria-label="Body"
        value={body}
        onChange={(event) => setBody(event.target.value)}
      />
      <button type="submit">Create ticket</button>
      {problem !== "" && <p role="alert">{problem}</p>}
    </form>
  );
}
