/**
 * What this installation is, on every page: a word, a shape and an edge below the header. Grey and dark, since neither is an alarm.
 * Nothing while nobody has marked it.
 */
import { Factory, FlaskConical } from 'lucide-react'
import type { Me } from '../../server/api/people.ts'
import { useLive } from './live.ts'
import { may } from './me.ts'
import { useCommonText } from './theme.tsx'

/** The kind to show; undefined when there is nothing to be told from. */
function useEnvironment(me: Me | undefined): { kind: 'test' | 'production'; name: string } | undefined {
  const found = useLive('environment', (_, change) => change, may(me, 'machines.view')).value
  return found && found.kind !== 'unmarked' ? { kind: found.kind, name: found.name } : undefined
}

/** @param props.isBound leads nowhere */
export function EnvironmentMark({ me, isBound = false }: { me: Me | undefined; isBound?: boolean }) {
  const text = useCommonText().environment
  const found = useEnvironment(me)
  if (!found) return null
  const { kind, name } = found
  const Icon = kind === 'production' ? Factory : FlaskConical
  const inside = (
    <>
      <Icon size={16} aria-hidden />
      <span>{text[kind]}</span>
    </>
  )
  const facts = { className: 'cw-environment', 'data-kind': kind, title: `${name}: ${text.hints[kind]}`, 'data-testid': 'environment' }
  return !isBound && may(me, 'flows.view') ? (
    <a {...facts} href="/environment" aria-label={text.label(text[kind], name)}>
      {inside}
    </a>
  ) : (
    <span {...facts} role="img" aria-label={text.label(text[kind], name)}>
      {inside}
    </span>
  )
}
