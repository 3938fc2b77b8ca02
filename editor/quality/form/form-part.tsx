/** A part of a form with its name and what it is for. */
import type { ReactNode } from 'react'

export function FormPart({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend>{title}</legend>
      {lead && <p className="quality-dim">{lead}</p>}
      {children}
    </fieldset>
  )
}
