import { useState } from "react";

import { changeStatus, reopenTicket, summariseTicket, ticketHistory } from "../api/tickets";
import { useSession } from "../context/SessionContext";
import type { HistoryEntry, Ticket } from "../types";

interface Props {
  ticket: Ticket;
  onChanged: () => void;
}

export function TicketDetail({ ticket, onChanged }: Props) {
  const { token } = useSession();
  const [summary, setSummary] = useState("");
  const [history, setHistory] = useState<HistoryEntry[]>([]);
  const [problem, setProblem] = useState("");

  async function attempt(action: () => Promise<void>) {
    try {
      await action();
      setProblem("");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  async function toggle() {
    if (ticket.status === "closed") {
      await reopenTicket(token, ticket.id);
    } else {
      await changeStatus(token, ticket.id, "closed");
    }
    onChanged();
  }

  async function summarise() {
    setSummary((await summariseTicket(token, ticket.id)).summary);
  }

  async function showHistory() {
    setHistory(await ticketHistory(token, ticket.id));
  }

  return (
    <section>
      <h2>{ticket.subject}</h2>
      <p>{ticket.body}</p>
      <button type="button" onClick={() => void attempt(toggle)}>
        {ticket.status === "closed" ? "Reopen" : "Close"}
      </button>
      <button type="button" onClick={() => void attempt(summarise)}>
        Summarise
      </button>
      <button type="button" onClick={() => void attempt(showHistory)}>
        History
      </button>
      {summary !== "" && <blockquote>{summary}</blockquote>}
      <ol>
        {history.map((entry) => (
          <li key={entry.at}>{entry.text}</li>
        ))}
      </ol>
      {problem !== "" && <p role="alert">{problem}</p>}
    </section>
  );
}
