import { useCallback, useEffect, useRef, useState } from "react";

import type { ChatFrame, ChatMessage } from "../types";

const KEPT = 200;

function socketAddress(conversation: string, token: string): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const query = new URLSearchParams({ token });
  return `${scheme}://${location.host}/ws/chat/${encodeURIComponent(conversation)}?${query}`;
}

function append(messages: ChatMessage[], from: ChatMessage["from"], text: string): ChatMessage[] {
  const id = (messages.at(-1)?.id ?? 0) + 1;
  return [...messages, { id, from, text }].slice(-KEPT);
}

function extend(messages: ChatMessage[], text: string): ChatMessage[] {
  const last = messages.at(-1);
  if (last === undefined || last.from === "agent") {
    return append(messages, "assistant", text);
  }
  return [...messages.slice(0, -1), { ...last, text: last.text + text }];
}

export interface Chat {
  messages: ChatMessage[];
  connected: boolean;
  ask: (question: string) => void;
}

export function useChat(conversation: string, token: string): Chat {
  const [messages, setMessages] = useState<ChatMessage[]>([]);
  const [connected, setConnected] = useState(false);
  const socket = useRef<WebSocket | null>(null);

  useEffect(() => {
    const opened = new WebSocket(socketAddress(conversation, token));
    socket.current = opened;
    opened.onopen = () => setConnected(true);
    opened.onclose = () => setConnected(false);
    opened.onmessage = (event: MessageEvent<string>) => {
      const frame = JSON.parse(event.data) as ChatFrame;
      if (frame.type !== "done") {
        setMessages((kept) => extend(kept, frame.text));
      }
    };
    return () => opened.close();
  }, [conversation, token]);

  const ask = useCallback((question: string) => {
    setMessages((kept) => append(kept, "agent", question));
    if (socket.current?.readyState === WebSocket.OPEN) {
      socket.current.send(JSON.stringify({ question }));
    }
  }, []);

  return { messages, connected, ask };
}
