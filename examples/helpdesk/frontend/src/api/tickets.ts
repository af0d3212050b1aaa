import type { HistoryEntry, Status, Ticket, TicketDraft } from "../types";
import { getJson, patchJson, postJson } from "./client";

export function listTickets(token: string): Promise<Ticket[]> {
  return getJson("/tickets?sort=id&limit=50", token);
}

export function createTicket(token: string, draft: TicketDraft): Promise<Ticket> {
  return postJson("/tickets", token, draft);
}

export function changeStatus(token: string, id: number, status: Status): Promise<Ticket> {
  return patchJson(`/tickets/${id}`, token, { status });
}

export function reopenTicket(token: string, id: number): Promise<Ticket> {
  return postJson(`/tickets/${id}/reopen`, token);
}

export function ticketHistory(token: string, id: number): Promise<HistoryEntry[]> {
  return getJson(`/tickets/${id}/history`, token);
}

export function summariseTicket(token: string, id: number): Promise<{ summary: string }> {
  return postJson(`/tickets/${id}/summary`, token);
}
