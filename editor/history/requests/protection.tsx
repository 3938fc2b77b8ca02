/** Which flows are protected; marking one is done at once, ending it takes two. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Shield, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { type FlowNode, getFlows } from '../../../server/api/flows.ts'
import { type FlowProtection, listProtected, protectFlow, unprotectFlow } from '../../../server/api/protect.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { ReasonDialog } from '../reason-dialog.tsx'
import { useHistoryText } from '../use-history-text.ts'

/** Tabs and subflows, by their names. */
async function flowsAndProtection(): Promise<{ flows: { id: string; name: string; isSubflow: boolean }[]; list: FlowProtection[] }> {
  const [{ flows }, list] = await Promise.all([call(getFlows), call(listProtected)])
  const named = (flows as FlowNode[]).flatMap(({ id, type, label, name }) =>
    type === 'tab' || type === 'subflow' ? [{ id, name: String(label || name || id), isSubflow: type === 'subflow' }] : [],
  )
  return { flows: named, list }
}

export function Protection({ revision, onAsked }: { revision: string; onAsked: (requestId: string) => void }) {
  const text = useHistoryText()
  const words = text.requests
  const format = formats(useLanguage())
  const { me } = useMe()
  const mayProtect = may(me, 'flows.protect')
  const [ending, setEnding] = useState<FlowProtection>()
  const { value, error, refresh } = useLoad(revision, flowsAndProtection)
  const protect = (flowId: string) =>
    call(protectFlow, { params: { flowId } }).then(refresh, (problem: Error) =>
      notifications.show({ color: 'red', title: text.failed, message: problem.message }),
    )
  const there = new Set(value?.flows.map(({ id }) => id))
  const all = [
    ...(value?.flows ?? []),
    ...(value?.list ?? []).filter(({ flowId }) => !there.has(flowId)).map(({ flowId, name }) => ({ id: flowId, name, isSubflow: false })),
  ]
  return (
    <section className="history-protection" aria-labelledby="history-protection">
      <h2 id="history-protection">{words.protection}</h2>
      <p>{words.protectionText}</p>
      {error !== undefined && (
        <p className="history-problem" role="alert">
          {error}
        </p>
      )}
      {value && all.length === 0 && <p className="history-note">{words.noFlows}</p>}
      <ul>
        {all.map(({ id, name, isSubflow }) => {
          const found = value?.list.find(({ flowId }) => flowId === id)
          return (
            <li key={id} data-testid={`protection-${id}`} data-protected={found ? true : undefined}>
              {found ? <ShieldCheck size={18} aria-hidden /> : <Shield size={18} aria-hidden />}
              <span className="history-line">
                <strong>
                  {name} {isSubflow && <em>{words.subflow}</em>} {found && !found.isThere && <em>{words.gone}</em>}
                </strong>
                {found && <span className="history-quiet">{words.protectedBy(found.by, format.dateTime(found.at))}</span>}
              </span>
              {mayProtect &&
                (found ? (
                  <Button
                    variant="subtle"
                    color="gray"
                    size="compact-sm"
                    onClick={() => setEnding(found)}
                    aria-label={`${name}: ${words.end}`}
                    data-testid={`unprotect-${id}`}
                  >
                    {words.end}
                  </Button>
                ) : (
                  <Button
                    variant="default"
                    size="compact-sm"
                    onClick={() => void protect(id)}
                    aria-label={`${name}: ${words.protect}`}
                    data-testid={`protect-${id}`}
                  >
                    {words.protect}
                  </Button>
                ))}
            </li>
          )
        })}
      </ul>
      {ending && (
        <End
          protection={ending}
          onClose={() => setEnding(undefined)}
          onAsked={(requestId) => {
            setEnding(undefined)
            onAsked(requestId)
          }}
        />
      )}
    </section>
  )
}

function End({ protection, onClose, onAsked }: { protection: FlowProtection; onClose: () => void; onAsked: (requestId: string) => void }) {
  const text = useHistoryText()
  const words = text.requests
  const [problem, setProblem] = useState<string>()
  const ask = async (reason: string) => {
    try {
      onAsked((await call(unprotectFlow, { params: { flowId: protection.flowId }, body: { reason } })).id)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
    }
  }
  return (
    <ReasonDialog
      testId="end"
      title={words.endTitle(protection.name)}
      says={words.endText}
      isNeeded
      does={words.endNow}
      problem={
        problem !== undefined && (
          <p className="history-problem" role="alert">
            {problem}
          </p>
        )
      }
      onClose={onClose}
      onConfirm={(reason) => void ask(reason)}
    />
  )
}
