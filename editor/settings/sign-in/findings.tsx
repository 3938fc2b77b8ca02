/** What a test or a trial found, each with a word, a shape and a colour. */
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { SignInFinding } from '../../../server/api/sign-in.ts'
import { useRoleName } from '../people/words.ts'
import { useProviderText } from './words.ts'

const SIGNS = { ok: CircleCheck, warning: TriangleAlert, problem: CircleAlert }

export function Findings(of: { label: string; verdict: string; findings: readonly SignInFinding[]; isUsable: boolean; testId: string; children?: ReactNode }) {
  const { label, verdict, findings, isUsable, testId, children } = of
  const text = useProviderText()
  const roleName = useRoleName()
  const named = (facts: SignInFinding['facts']) =>
    Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, key === 'role' || key === 'before' ? roleName(value, undefined) : value]))
  return (
    <section className="sign-in-found" aria-label={label} role="status" data-testid={testId} data-usable={isUsable}>
      <strong>{verdict}</strong>
      <ul>
        {findings.map(({ level, code, text: english, facts }) => {
          const Sign = SIGNS[level]
          return (
            <li key={code} data-level={level}>
              <Sign size={16} aria-label={text.levels[level]} role="img" /> <span>{text.findings[code]?.(named(facts)) ?? english}</span>
            </li>
          )
        })}
      </ul>
      {children}
    </section>
  )
}
