import { useState, type FormEvent } from "react";

import { useSession } from "../context/SessionContext";
import { useChat } from "../hooks/useChat";

export function ChatPanel({ conversation }: { conversation: string }) {
  const { token } = useSession();
  const { messages, connected, ask } = useChat(conversation, token);
  const [question, setQuestion] = useState("");

  function submit(event: FormEvent) {
    event.preventDefault();
    ask(question);
    setQuestion("");
  }

  return (
    <section aria-label="Chat">
      <p>{connected ? "Connected" : "Not connected"}</p>
      <ol>
        {messages.map((message) => (
          <li key={message.id} className={message.from}>
            {message.text}
          </li>
        ))}
      </ol>
      <form onSubmit={submit}>
        <input
          aria-label="Question"
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          required
        />
        <button type="submit">Ask</button>
      </form>
    </section>
  );
}
