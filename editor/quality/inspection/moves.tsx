/** Who puts their name to it: verify, accept, reject, open again, withdraw. What cannot be done now says why. */
import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { type Inspection, type InspectionMove, moveInspection } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { Refusal } from '../refusal.tsx'
import { useInspectionText } from './words.ts'

export function Moves({ inspection, onTaken }: { inspection: Inspection; onTaken: (next: Inspection) => void }) {
  const text = useInspectionText().moves
  const [chosen, setChosen] = useState<InspectionMove>()
  const [reason, setReason] = useState('')
  const { isBusy, problem, run } = useDoing()
  const { id, revision, moves, results } = inspection
  const isConcession = chosen === 'accept' && results.some(({ isConforming }) => !isConforming)
  const needsReason = chosen !== undefined && chosen !== 'verify' && (chosen !== 'accept' || isConcession)
  const go = () => {
    if (!chosen) return
    void run(async () => {
      onTaken(await call(moveInspection, { params: { id }, body: { move: chosen, revision, ...(reason.trim() ? { reason: reason.trim() } : {}) } }))
      setChosen(undefined)
      setReason('')
    })
  }
  if (moves.length === 0) return null
  if (chosen)
    return (
      <form
        className="inspection-moves"
        onSubmit={(event) => {
          event.preventDefault()
          go()
        }}
      >
        {chosen === 'verify' && <p>{text.verifyText}</p>}
        {chosen !== 'verify' && (
          <Textarea
            label={text.reason}
            description={isConcession ? text.concession : undefined}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            withAsterisk={needsReason}
            autosize
            minRows={2}
            maxLength={500}
            data-testid="move-reason"
          />
        )}
        <Refusal>{problem}</Refusal>
        <Button type="submit" loading={isBusy} disabled={needsReason && reason.trim().length < 3} data-testid="move-go">
          {text.go[chosen]}
        </Button>
        <Button variant="default" onClick={() => setChosen(undefined)}>
          {text.cancel}
        </Button>
      </form>
    )
  return (
    <div className="inspection-moves">
      {moves.map(({ move, whyNot }) => (
        <div key={move}>
          <Button
            fullWidth
            variant={move === 'verify' || move === 'accept' ? 'filled' : 'default'}
            disabled={whyNot !== undefined}
            onClick={() => setChosen(move)}
            data-testid={`move-${move}`}
          >
            {text[move]}
          </Button>
          {whyNot && move !== 'withdraw' && move !== 'reopen' && <small className="quality-dim">{text.whyNot[whyNot]}</small>}
        </div>
      ))}
    </div>
  )
}
