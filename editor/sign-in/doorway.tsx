import './sign-in.css'
import type { ReactNode } from 'react'
import { Logo } from '../shared/logo.tsx'

/** What stands around the pages that a stranger sees: signing in, the first account, trust. */
export function Doorway({ children }: { children: ReactNode }) {
  return (
    <main className="sign-in">
      <div className="sign-in-brand">
        <Logo size={36} />
        <span>Cellwright</span>
      </div>
      {children}
    </main>
  )
}
