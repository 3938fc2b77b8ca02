/** What came of a sign-in that was only tried out: what was used, the groups, the role, and what was refused. */
import type { SignInTrial } from '../../../server/api/sign-in-trials.ts'
import { useRoleName } from '../people/words.ts'
import { Findings } from './findings.tsx'
import { useProviderText } from './words.ts'

export function TrialView({ trial }: { trial: SignInTrial }) {
  const text = useProviderText()
  const words = text.trial
  const roleName = useRoleName()
  if (trial.state === 'waiting') return <p role="status">{words.waiting}</p>
  const verdict = trial.isUsable ? words.usable : words.unusable
  return (
    <Findings label={words.result} verdict={verdict} findings={trial.findings} isUsable={trial.isUsable} testId="trial-result">
      {trial.used.length > 0 && (
        <dl className="settings-facts">
          {trial.used.map(({ use, from, value }) => (
            <div key={use}>
              <dt>
                {words.uses[use]} <code>{from}</code>
              </dt>
              <dd>{value === undefined ? <span className="settings-dim">{words.absent}</span> : <code>{value}</code>}</dd>
            </div>
          ))}
          <div>
            <dt>{words.groups}</dt>
            <dd>{trial.groups.length ? trial.groups.map((group) => <code key={group}>{group}</code>) : <span className="settings-dim">{words.none}</span>}</dd>
          </div>
          <div>
            <dt>{text.form.role}</dt>
            <dd>{trial.role === undefined ? <span className="settings-dim">{words.none}</span> : roleName(trial.role, undefined)}</dd>
          </div>
        </dl>
      )}
      {trial.others.length > 0 && <p className="settings-dim">{words.others(trial.others.join(', '))}</p>}
    </Findings>
  )
}
