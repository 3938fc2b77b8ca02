/** Macros of a G-code sender: which become buttons, and for which machine. */
import { Button, Checkbox, Select } from '@mantine/core'
import { useState } from 'react'
import { listMachines } from '../../../server/api/machines.ts'
import { importMoveIn, type MacroStep, type MoveIn, type MoveInMacro } from '../../../server/api/move-in.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import type { Imported } from './imported.ts'
import { Lines } from './lines.tsx'
import { useMoveInText } from './words.ts'

export function MacrosStep({ report, onDone }: { report: MoveIn; onDone: (done: Imported) => void }) {
  const text = useMoveInText()
  const format = formats(useLanguage())
  const able = report.macros.filter(({ steps }) => steps)
  const [picked, setPicked] = useState<ReadonlySet<string>>(() => new Set(able.map(({ id }) => id)))
  const [machineId, setMachineId] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const machines = useLoad('machines', () => call(listMachines))
  const bring = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      const body = {
        items: [],
        collisions: {},
        withCredentials: false,
        withContext: false,
        withGlobalContext: false,
        macros: [...picked],
        ...(machineId ? { machineId } : {}),
      }
      onDone(await call(importMoveIn, { params: { moveInId: report.id }, body }))
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error))
      setBusy(false)
    }
  }
  return (
    <section className="settings-card">
      <h3>{text.macros}</h3>
      {report.macros.length === 0 ? (
        <p className="settings-dim">{text.noMacros}</p>
      ) : (
        <>
          <p className="settings-dim">{text.macrosHint}</p>
          {able.length > 1 && (
            <Checkbox
              label={text.pickAllMacros}
              checked={able.every(({ id }) => picked.has(id))}
              indeterminate={picked.size > 0 && !able.every(({ id }) => picked.has(id))}
              onChange={(event) => setPicked(new Set(event.currentTarget.checked ? able.map(({ id }) => id) : []))}
            />
          )}
          <ul className="move-in-items">
            {report.macros.map((macro) => (
              <MacroRow
                key={macro.id}
                macro={macro}
                isPicked={picked.has(macro.id)}
                onPick={(isPicked) => setPicked((before) => new Set(isPicked ? [...before, macro.id] : [...before].filter((id) => id !== macro.id)))}
              />
            ))}
          </ul>
          <Select
            className="move-in-question"
            label={text.macroMachine}
            placeholder={text.macroMachineLater}
            data={(machines.value ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={machineId}
            onChange={setMachineId}
            clearable
            data-testid="move-in-machine"
          />
          {problem !== undefined && (
            <p className="settings-problem" role="alert" data-testid="move-in-problem">
              {problem}
            </p>
          )}
          <div className="settings-actions move-in-go">
            <Button onClick={() => void bring()} loading={isBusy} disabled={picked.size === 0} data-testid="move-in-import">
              {picked.size === 0 ? text.macroNothing : text.macroImport(format.number(picked.size))}
            </Button>
          </div>
        </>
      )}
    </section>
  )
}

function MacroRow({ macro, isPicked, onPick }: { macro: MoveInMacro; isPicked: boolean; onPick: (isPicked: boolean) => void }) {
  const text = useMoveInText()
  const { name, about, steps, lines } = macro
  return (
    <li data-testid={`move-in-macro-${macro.id}`}>
      <Checkbox
        label={
          <>
            <strong>{name}</strong> <span className="settings-dim">{steps ? about : text.macroNot}</span>
          </>
        }
        checked={isPicked}
        disabled={!steps}
        onChange={(event) => onPick(event.currentTarget.checked)}
      />
      <div className="move-in-details">
        {steps && (
          // the words of the macro itself, to be looked at before anything comes of it
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what is too wide is scrolled by keyboard too
          <section className="move-in-code" tabIndex={0} aria-label={name}>
            <pre>{steps.map((step) => stepText(step, text.commands)).join('\n')}</pre>
          </section>
        )}
        <Lines lines={lines} />
      </div>
    </li>
  )
}

const stepText = (step: MacroStep, commands: Readonly<Record<string, string>>) =>
  step.kind === 'gcode' ? step.lines.join('\n') : `— ${commands[step.command]} —`
