/** Whether the tests are run before each deploy: of this flow, or of all flows of the shop. */
import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import { may, useMe } from '../../shared/me.ts'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import type { RehearsalStore } from './rehearsal-store.ts'
import { useRehearsalText } from './text.ts'

export function TestRule({ store, flowId }: { store: RehearsalStore; flowId: string }) {
  const text = useRehearsalText().rule
  const findings = useFindingText()
  const { me } = useMe()
  const [failure, setFailure] = useState<string>()
  const { shop, flowIds } = store.rule
  const isOfFlow = shop || flowIds.includes(flowId)
  if (!may(me, 'flows.untested')) return <p className="form-help">{isOfFlow ? text.on : text.off}</p>
  const set = (rule: typeof store.rule) => {
    setFailure(undefined)
    store.setRule(rule).catch((error: unknown) => setFailure(errorWords(findings, error)))
  }
  return (
    <fieldset className="rehearsal-rule">
      <legend>{text.title}</legend>
      <Checkbox
        size="sm"
        label={text.flow}
        checked={isOfFlow}
        disabled={shop}
        onChange={(event) => set({ shop, flowIds: event.currentTarget.checked ? [...flowIds, flowId] : flowIds.filter((id) => id !== flowId) })}
        data-testid="rehearsal-rule-flow"
      />
      <Checkbox
        size="sm"
        label={text.shop}
        checked={shop}
        onChange={(event) => set({ shop: event.currentTarget.checked, flowIds })}
        data-testid="rehearsal-rule-shop"
      />
      {isOfFlow && <p className="form-help">{text.on}</p>}
      {failure !== undefined && (
        <p className="form-error" role="alert">
          {failure}
        </p>
      )}
    </fieldset>
  )
}
