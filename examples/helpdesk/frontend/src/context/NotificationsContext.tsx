import {
  createContext,
  useCallback,
  useContext,
  useMemo,
  useState,
  type ReactNode,
} from "react";

interface Notifications {
  messages: string[];
  notify: (message: string) => void;
}

const KEPT = 5;

const NotificationsContext = createContext<Notifications>({
  messages: [],
  notify: () => undefined,
});

export function NotificationsProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<string[]>([]);
  const notify = useCallback(
    (message: string) => setMessages((kept) => [...kept, message].slice(-KEPT)),
    [],
  );
  const value = useMemo(() => ({ messages, notify }), [messages, notify]);
  return <NotificationsContext.Provider value={value}>{children}</NotificationsContext.Provider>;
}

export function useNotifications(): Notifications {
  return useContext(NotificationsContext);
}
