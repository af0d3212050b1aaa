import { useEffect, useState } from "react";

import { listTickets } from "../api/tickets";
import { useSession } from "../context/SessionContext";
import type { Ticket } from "../types";

export function TicketList({ onChoose }: { onChoose: (ticket: Ticket) => void }) {
  const { token } = useSession();
  const [tickets, setTickets] = useState<Ticket[]>([]);
  const [problem, setProblem] = useState("");

  useEffect(() => {
    listTickets(token)
      .then(setTickets)
      .catch((error: Error) => setProblem(error.message));
  }, [token]);

  if (problem !== "") {
    return <p role="alert">The tickets could not be loaded: {problem}</p>;
  }
  return (
    <ul>
      {tickets.map((ticket) => (
        <li key={ticket.id}>
          <button type="button" onClick={() => onChoose(ticket)}>
            #{ticket.id} {ticket.subject} ({ticket.priority}, {ticket.status})
          </button>
        </li>
      ))}
    </ul>
  );
}
