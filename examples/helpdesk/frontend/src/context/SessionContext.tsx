import { createContext, useContext, useMemo, useState, type ReactNode } from "react";

interface Session {
  token: string;
  signIn: (token: string) => void;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [token, setToken] = useState("");
  const session = useMemo(() => ({ token, signIn: setToken }), [token]);
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) {
    throw new Error("useSession is used outside of SessionProvider");
  }
  return session;
}
