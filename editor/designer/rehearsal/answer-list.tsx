/** What nodes that would ask other systems get back in a rehearsal: recorded in an earlier run, a sample, or given by hand. */
import { ActionIcon, Button, Menu, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { History, Pencil, Pin, Plus, Trash2, Unplug } from 'lucide-react'
import { useState } from 'react'
import type { Recorded } from '../../../server/api/flow-tests.ts'
import type { RunPin } from '../../../server/api/runs.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats } from '../../shared/text/index.ts'
import { type FlowNode, wiresOf } from '../model/raw.ts'
import { useWorkspace } from '../use-workspace.ts'
import { replaceable, type StoodIn, stoodIn, unusedPins } from './outside.ts'
import { RecordedDialog } from './recorded-dialog.tsx'
import type { RehearsalStore } from './rehearsal-store.ts'
import { Tree } from './result-view.tsx'
import { nodeName, portText } from './result-words.ts'
import { SourceBadge } from './source-badge.tsx'
import { type AnswerDraft, emptyStep, readJson } from './steps.ts'
import { useRehearsalText } from './text.ts'

/** A node that is gone. */
const NOTHING: FlowNode = { id: '', type: '' }

export function AnswerList({ store, flowId, isChecked }: { store: RehearsalStore; flowId: string; isChecked: boolean }) {
  const text = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  const { me } = useMe()
  const [choosing, setChoosing] = useState<string>()
  const { answers } = store.caseOf(flowId)
  const called = store.result?.flowId === flowId ? store.result.report.calls.map(({ nodeId }) => nodeId) : []
  const unanswered = new Set(
    store.result?.flowId === flowId ? store.result.report.calls.flatMap(({ answeredFrom, nodeId }) => (answeredFrom === 'none' ? [nodeId] : [])) : [],
  )
  const nodes = stoodIn(workspace, flowId, answers, called)
  const others = replaceable(workspace, flowId, answers)
  const pins = unusedPins(workspace, flowId, store.caseOf(flowId), store.pins)
  if (nodes.length === 0 && others.length === 0 && pins.length === 0) return null
  const set = (nodeId: string, list: readonly AnswerDraft[]) => {
    const { [nodeId]: _, ...rest } = answers
    store.edit(flowId, { answers: list.length > 0 ? { ...rest, [nodeId]: list } : rest })
  }
  const add = (nodeId: string, answer: AnswerDraft) => set(nodeId, [...(answers[nodeId] ?? []), answer])
  /** A node that nothing leads to begins with what it is pinned to; another one is stood in for. */
  const takePin = ({ nodeId, output, runId = '', seq = 0, at, msg }: RunPin) => {
    if ((workspace.types.get(workspace.model.get(nodeId)?.type ?? '')?.inputs ?? 0) > 0)
      return add(nodeId, { from: 'recorded', runId, seq, at, output, value: msg as Record<string, unknown> })
    const step = emptyStep('send', { nodeId, output, message: JSON.stringify(msg, null, 2), origin: { from: 'recorded', runId, seq, at } })
    store.edit(flowId, { steps: [step, ...store.caseOf(flowId).steps.filter((each) => each.nodeId !== nodeId)] })
  }
  const take = (nodeId: string, { runId, seq, at, output, value }: Recorded) => add(nodeId, { from: 'recorded', runId, seq, at, output, value })
  return (
    <section aria-labelledby="rehearsal-answers" data-testid="rehearsal-answers">
      <h3 id="rehearsal-answers">{text.answers.title}</h3>
      <p className="form-help">{text.answers.help}</p>
      <ul className="rehearsal-list">
        {nodes.map((node) => (
          <NodeAnswers
            key={node.id}
            node={node}
            answers={answers[node.id] ?? []}
            isUnanswered={unanswered.has(node.id) && !answers[node.id]}
            hasSample={store.sampleFor(node.id) !== undefined}
            mayChoose={may(me, 'flows.messages')}
            isChecked={isChecked}
            onSet={(list) => set(node.id, list)}
            onAdd={(answer) => add(node.id, answer)}
            onChoose={() => setChoosing(node.id)}
          />
        ))}
        {pins.map((pin) => (
          <li key={`${pin.nodeId} ${pin.output}`} className="rehearsal-answer">
            <span>
              <Pin size={13} aria-hidden /> {text.answers.pinned(nodeName(workspace, pin.nodeId), formats().dateTime(pin.at))}
            </span>
            <Button size="compact-sm" variant="default" onClick={() => takePin(pin)} data-testid="rehearsal-use-pin">
              {text.answers.usePin}
            </Button>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <NativeSelect
          size="xs"
          label={text.answers.standIn}
          description={text.answers.standInHelp}
          value=""
          data={[{ value: '', label: text.answers.choose }, ...others.map(({ id }) => ({ value: id, label: nodeName(workspace, id) }))]}
          onChange={(event) => {
            const { value } = event.currentTarget
            if (value === '') return
            if (may(me, 'flows.messages')) setChoosing(value)
            else add(value, { from: 'given', text: '{\n  "payload": ""\n}' })
          }}
          data-testid="rehearsal-stand-in"
        />
      )}
      {choosing !== undefined && (
        <RecordedDialog
          nodeId={choosing}
          onTake={(recorded) => {
            take(choosing, recorded)
            setChoosing(undefined)
          }}
          onGive={() => {
            add(choosing, { from: 'given', text: '{\n  "payload": ""\n}' })
            setChoosing(undefined)
          }}
          onClose={() => setChoosing(undefined)}
        />
      )}
    </section>
  )
}

interface NodeProps {
  node: StoodIn
  answers: readonly AnswerDraft[]
  isUnanswered: boolean
  hasSample: boolean
  mayChoose: boolean
  isChecked: boolean
  onSet: (list: readonly AnswerDraft[]) => void
  onAdd: (answer: AnswerDraft) => void
  onChoose: () => void
}

function NodeAnswers({ node, answers, isUnanswered, hasSample, mayChoose, isChecked, onSet, onAdd, onChoose }: NodeProps) {
  const text = useRehearsalText().answers
  const workspace = useWorkspace('model', 'types')
  const name = nodeName(workspace, node.id)
  return (
    <li className="rehearsal-answer" data-testid={`rehearsal-answers-${node.id}`} data-unanswered={isUnanswered || undefined}>
      <div className="rehearsal-head">
        <button type="button" className="rehearsal-link" onClick={() => workspace.reveal(node.id)}>
          {name}
        </button>
        {!node.isSilent && (
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <Button size="compact-sm" variant="default" leftSection={<Plus size={14} aria-hidden />} aria-label={text.add(name)}>
                {answers.length === 0 ? text.answer : text.more}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<History size={16} aria-hidden />} disabled={!mayChoose} onClick={onChoose} data-testid="rehearsal-answer-recorded">
                {mayChoose ? text.recorded : text.recordedMayNot}
              </Menu.Item>
              <Menu.Item
                leftSection={<Pencil size={16} aria-hidden />}
                onClick={() => onAdd({ from: 'given', text: '{\n  "payload": ""\n}' })}
                data-testid="rehearsal-answer-given"
              >
                {text.given}
              </Menu.Item>
              <Menu.Item
                leftSection={<Unplug size={16} aria-hidden />}
                onClick={() => onAdd({ from: 'failure', text: text.failureFirst })}
                data-testid="rehearsal-answer-failure"
              >
                {text.failure}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {answers.length === 0 && (
        <p className="rehearsal-dim">
          {isUnanswered ? (
            <strong>{text.unanswered}</strong>
          ) : hasSample ? (
            <>
              <SourceBadge from="sample" /> {text.sampleHelp}
            </>
          ) : node.isSilent ? (
            text.silent
          ) : (
            text.nothing
          )}
        </p>
      )}
      {!node.isOutside && answers.length > 0 && <p className="form-note">{text.replaces}</p>}
      {answers.map((answer, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an answer is the one for the call of its number
        <div key={index} className="rehearsal-answer-row">
          <OneAnswer
            answer={answer}
            nodeId={node.id}
            label={text.nth(name, index + 1)}
            isChecked={isChecked}
            onChange={(next) => onSet(answers.map((each, at) => (at === index ? next : each)))}
          />
          <ActionIcon variant="subtle" color="gray" aria-label={text.remove(name, index + 1)} onClick={() => onSet(answers.filter((_, at) => at !== index))}>
            <Trash2 size={15} aria-hidden />
          </ActionIcon>
        </div>
      ))}
    </li>
  )
}

interface OneProps {
  answer: AnswerDraft
  nodeId: string
  label: string
  isChecked: boolean
  onChange: (answer: AnswerDraft) => void
}

function OneAnswer({ answer, nodeId, label, isChecked, onChange }: OneProps) {
  const text = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  switch (answer.from) {
    case 'given': {
      const read = isChecked && answer.text.trim() !== '' ? readJson(answer.text, text.wrong) : undefined
      return (
        <div>
          <SourceBadge from="given" />
          <Textarea
            size="sm"
            aria-label={label}
            autosize
            minRows={1}
            maxRows={12}
            spellCheck={false}
            classNames={{ input: 'form-code' }}
            value={answer.text}
            error={read && 'wrong' in read ? read.wrong : undefined}
            onChange={(event) => onChange({ ...answer, text: event.currentTarget.value })}
          />
        </div>
      )
    }
    case 'recorded':
      return (
        <div>
          <SourceBadge from="recorded" at={answer.at} runId={answer.runId} />{' '}
          {wiresOf(workspace.model.get(nodeId) ?? NOTHING).length > 1 && (
            <span className="rehearsal-dim">{portText(workspace, nodeId, answer.output ?? 0, text)}</span>
          )}
          {answer.value === undefined ? (
            <p className="form-help">{text.answers.hidden}</p>
          ) : (
            <details className="rehearsal-fold">
              <summary>{text.answers.content}</summary>
              <Tree value={answer.value} path="msg" />
              <Button
                size="compact-xs"
                variant="subtle"
                onClick={() => onChange({ from: 'given', text: JSON.stringify(answer.value, null, 2), output: answer.output })}
              >
                {text.answers.change}
              </Button>
            </details>
          )}
        </div>
      )
    case 'sample':
      return <SourceBadge from="sample" />
    case 'failure':
      return (
        <div>
          <SourceBadge from="failure" isAhead />
          <TextInput
            size="sm"
            aria-label={label}
            maxLength={500}
            value={answer.text}
            error={isChecked && answer.text.trim() === '' ? text.wrong.failure : undefined}
            onChange={(event) => onChange({ from: 'failure', text: event.currentTarget.value })}
          />
        </div>
      )
    default:
      return answer satisfies never
  }
}
