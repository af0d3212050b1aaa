export type Status = "open" | "waiting" | "closed";

export interface Ticket {
  id: number;
  customer_id: number;
  subject: string;
  body: string;
  status: Status;
  priority: "low" | "normal" | "high" | "urgent";
  created_at: string;
}

export interface TicketDraft {
  customer_id: number;
  subject: string;
  body: string;
}

export interface HistoryEntry {
  at: string;
  text: string;
}

export interface ChatMessage {
  id: number;
  from: "agent" | "assistant";
  text: string;
}

export type ChatFrame =
  | { type: "token"; text: string }
  | { type: "error"; text: string }
  | { type: "done" };
