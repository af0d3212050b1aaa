import { useState } from "react";

import { ChatPanel } from "./components/ChatPanel";
import { SignIn } from "./components/SignIn";
import { TicketDetail } from "./components/TicketDetail";
import { TicketForm } from "./components/TicketForm";
import { TicketList } from "./components/TicketList";
import { useSession } from "./context/SessionContext";
import type { Ticket } from "./types";

export function App() {
  const { token } = useSession();
  const [chosen, setChosen] = useState<Ticket | null>(null);
  const [version, setVersion] = useState(0);
  const refresh = () => setVersion((number) => number + 1);

  if (token === "") {
    return <SignIn />;
  }
  return (
    <main>
      <h1>Helpdesk</h1>
      <TicketForm onCreated={refresh} />
      <TicketList key={version} onChoose={setChosen} />
      {chosen && <TicketDetail key={chosen.id} ticket={chosen} onChanged={refresh} />}
      {chosen && <ChatPanel key={`chat-${chosen.id}`} conversation={`ticket-${chosen.id}`} />}
    </main>
  );
}
