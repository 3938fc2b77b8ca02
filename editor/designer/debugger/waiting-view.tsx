/** One waiting message: what is in it, and how it goes on. What acts on a machine takes a kept press. */
import { Button, SegmentedControl } from '@mantine/core'
import { Footprints, Play, Trash2, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { WaitingMessage } from '../../../server/api/debugger.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { useCommonText } from '../../shared/theme.tsx'
import { useHost } from '../host/use-host.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DebuggerStore } from './debugger-store.ts'
import { MessageEditor } from './message-editor.tsx'
import { nameOf } from './places.ts'
import { useDebuggerText } from './text.ts'
import { useAge } from './waiting-list.tsx'

/** Then the machine may have been used for something else. */
const OLD_MS = 30_000

export function WaitingView({
  store,
  waiting,
  mayDebug,
  mayOperate,
}: {
  store: DebuggerStore
  waiting: WaitingMessage
  mayDebug: boolean
  mayOperate: boolean
}) {
  const text = useDebuggerText()
  return (
    <div className="debugger-view" data-testid="waiting-view">
      {waiting.text !== undefined && <p className="debugger-note">{waiting.text}</p>}
      {waiting.notes.map((note) => (
        <p key={note} className="debugger-note">
          {text.notes[note]}
        </p>
      ))}
      {waiting.motion ? (
        <MotionAnswer store={store} waiting={waiting} machine={waiting.motion.machineId ?? text.marks.machine} mayAnswer={mayDebug && mayOperate} />
      ) : (
        <div className="debugger-buttons">
          <Button
            size="sm"
            leftSection={<Footprints size={16} aria-hidden />}
            disabled={!mayDebug}
            title={text.panel.stepText}
            onClick={() => void store.goOn(waiting.id, { how: 'step' })}
            data-testid="waiting-step"
          >
            {text.panel.step}
          </Button>
          <Button
            size="sm"
            variant="default"
            leftSection={<Play size={16} aria-hidden />}
            disabled={!mayDebug}
            title={text.panel.continueText}
            onClick={() => void store.goOn(waiting.id, { how: 'continue' })}
            data-testid="waiting-continue"
          >
            {text.panel.continue}
          </Button>
        </div>
      )}
      {waiting.payload === undefined ? (
        <p className="debugger-note" data-testid="waiting-hidden">
          {text.message.hidden}
        </p>
      ) : (
        <MessageEditor store={store} waiting={waiting} mayEdit={mayDebug} />
      )}
      <div className="debugger-foot">
        {waiting.runId !== undefined && <a href={`/runs#${waiting.runId}`}>{text.panel.run}</a>}
        <DropButton store={store} waiting={waiting} mayDebug={mayDebug} />
      </div>
    </div>
  )
}

function MotionAnswer({ store, waiting, machine, mayAnswer }: { store: DebuggerStore; waiting: WaitingMessage; machine: string; mayAnswer: boolean }) {
  const text = useDebuggerText()
  const workspace = useWorkspace('model')
  const since = useAge(waiting.since)
  const [how, setHow] = useState<'step' | 'continue' | 'free'>('step')
  const isOld = Date.now() - Date.parse(waiting.since) > OLD_MS
  return (
    <div className="debugger-motion" data-testid="waiting-motion">
      <h4>
        <TriangleAlert size={16} aria-hidden />
        {text.panel.motionTitle(machine)}
      </h4>
      <p>{isOld ? text.panel.motionOld(since) : text.panel.motionText}</p>
      <fieldset>
        <legend>{text.panel.afterwards}</legend>
        <SegmentedControl
          fullWidth
          orientation="vertical"
          size="sm"
          value={how}
          onChange={(value) => setHow(value as typeof how)}
          data={[
            { value: 'step', label: text.panel.thenStep },
            { value: 'continue', label: text.panel.thenContinue },
            { value: 'free', label: text.panel.thenFree },
          ]}
        />
      </fieldset>
      <HoldToConfirm
        label={text.panel.motionYes(machine)}
        says={text.panel.motionSays(nameOf(workspace, waiting.nodeId, waiting.nodeName ?? waiting.nodeType))}
        hint={mayAnswer ? (how === 'free' ? text.panel.motionFreeHint : text.panel.motionHint) : text.panel.mayNotOperate}
        isDisabled={!mayAnswer}
        testId="waiting-motion-yes"
        onConfirm={() => void store.goOn(waiting.id, { how, isMotionConfirmed: true })}
      />
    </div>
  )
}

function DropButton({ store, waiting, mayDebug }: { store: DebuggerStore; waiting: WaitingMessage; mayDebug: boolean }) {
  const text = useDebuggerText()
  const common = useCommonText()
  const host = useHost()
  const [isAsked, setAsked] = useState(false)
  if (!isAsked)
    return (
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        leftSection={<Trash2 size={15} aria-hidden />}
        disabled={!mayDebug}
        title={text.panel.dropText}
        onClick={() => setAsked(true)}
        data-testid="waiting-drop"
      >
        {text.panel.drop}
      </Button>
    )
  return (
    <fieldset className="debugger-drop" aria-label={text.panel.undoDrop}>
      <span>{text.panel.undoDrop}</span>
      <Button
        size="compact-sm"
        variant="default"
        autoFocus
        onClick={() => void store.drop(waiting.id).then((isDone) => isDone && host.say(text.panel.dropped))}
        data-testid="waiting-drop-yes"
      >
        {text.panel.dropYes}
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setAsked(false)}>
        {common.cancel}
      </Button>
    </fieldset>
  )
}
