/** Makes a new program from this one, and shows the proof that its path is right. */
import { Button, SegmentedControl, Select, Switch, TextInput } from '@mantine/core'
import { CircleCheck, FileUp } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Program } from '../../../server/api/machines.ts'
import { type HeightMap, type KeptProbe, listProbeResults, type ProgramTransform, type TransformReport, transformProgram } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'
import { LengthField } from '../../shared/length-field.tsx'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { useProgramsText } from '../use-programs-text.ts'
import { newName, readHeightMap, type TransformDraft, transformOf } from './transform-draft.ts'

const KINDS = ['offset', 'rotate', 'mirror', 'scale', 'optimise', 'level'] as const

export interface TransformDialogProps {
  program: Program
  /** Whose height maps are offered. */
  machine: { id: string; name: string } | undefined
  onClose: () => void
  onMade: () => void
  onOpen: (programId: string) => void
}

export function TransformDialog({ program, machine, onClose, onMade, onOpen }: TransformDialogProps) {
  const text = useProgramsText().transform
  const format = formats(useLanguage())
  const units = useUnits()
  const [draft, setDraft] = useState<TransformDraft>({
    kind: 'offset',
    by: [0, 0, 0],
    angle: 90,
    about: [0, 0, 0],
    axis: 'X',
    at: 0,
    factor: [1, 1, 1],
    tolerance: 0.005,
    dropsWords: true,
    mergesLines: true,
    fitsArcs: false,
    map: undefined,
    mapName: '',
  })
  const [name, setName] = useState<string>()
  const { isBusy, problem, run, say } = useDoing()
  const [made, setMade] = useState<{ program: Program; report: TransformReport }>()
  const transform: ProgramTransform | undefined = transformOf(draft)
  const maps = useHeightMaps(machine?.id, draft.kind === 'level')
  const target = name ?? newName(program.name, draft.kind)
  const set = (part: Partial<TransformDraft>) => {
    say(undefined)
    setDraft({ ...draft, ...part })
  }
  const make = () => {
    if (!transform) return
    void run(async () => {
      setMade(await call(transformProgram, { params: { programId: program.id }, body: { name: target.trim(), transform } }))
      onMade()
    })
  }
  const takeMap = async (file: File) => {
    try {
      const map: HeightMap = readHeightMap(await file.text())
      set({ map, mapName: file.name })
    } catch {
      say(text.badMap)
    }
  }
  const triple = (label: string, key: 'by' | 'about' | 'factor', count: 2 | 3 = 3) => (
    <fieldset className="p-triple">
      <legend>{label}</legend>
      {['X', 'Y', 'Z'].slice(0, count).map((axis, index) => {
        const field = {
          label: axis,
          value: draft[key][index] ?? 0,
          onChange: (value: Num) => set({ [key]: draft[key].with(index, value) } as Partial<TransformDraft>),
        }
        return key === 'factor' ? <NumberField key={axis} unit="×" {...field} /> : <LengthField key={axis} {...field} />
      })}
    </fieldset>
  )
  return (
    <WorkDialog title={text.title(program.name)} size="wide" onClose={onClose} testId="transform">
      {made ? (
        <div className="proof" data-testid="proof">
          <p className="proof-good">
            <CircleCheck size={22} aria-hidden /> {text.made(made.program.name, String(made.program.revision))}
          </p>
          <dl className="report-facts cw-numbers">
            <div>
              <dt>{text.lines}</dt>
              <dd>
                {format.number(made.report.linesBefore)} → {format.number(made.report.linesAfter)}
              </dd>
            </div>
            <div>
              <dt>{text.size}</dt>
              <dd>
                {format.bytes(made.report.bytesBefore)} → {format.bytes(made.report.bytesAfter)}
              </dd>
            </div>
            <div>
              <dt>{text.deviation}</dt>
              <dd>
                {units.length(made.report.largestDeviationMm, 5)} <small>{units.unit}</small>
              </dd>
            </div>
            <div>
              <dt>{text.allowed}</dt>
              <dd>
                {units.length(made.report.toleranceMm, 5)} <small>{units.unit}</small>
              </dd>
            </div>
          </dl>
          <p className="p-hint">{text.proof}</p>
          <footer className="p-dialog-foot">
            <Button variant="default" onClick={onClose}>
              {text.stay}
            </Button>
            <Button onClick={() => onOpen(made.program.id)} data-testid="open-made">
              {text.open}
            </Button>
          </footer>
        </div>
      ) : (
        <>
          <SegmentedControl
            aria-label={text.kind}
            value={draft.kind}
            onChange={(kind) => set({ kind: kind as TransformDraft['kind'] })}
            data={KINDS.map((value) => ({ value, label: text.kinds[value] }))}
            className="p-kinds"
          />
          <p className="p-hint">{text.meanings[draft.kind]}</p>
          {draft.kind === 'offset' && triple(text.by, 'by')}
          {draft.kind === 'rotate' && (
            <>
              <NumberField label={text.angle} unit="°" value={draft.angle} onChange={(angle) => set({ angle })} />
              {triple(text.about, 'about', 2)}
            </>
          )}
          {draft.kind === 'mirror' && (
            <>
              <SegmentedControl
                aria-label={text.mirrorAxis}
                value={draft.axis}
                onChange={(axis) => set({ axis: axis === 'Y' ? 'Y' : 'X' })}
                data={[
                  { value: 'X', label: text.mirrorX },
                  { value: 'Y', label: text.mirrorY },
                ]}
              />
              <LengthField label={text.mirrorAt} value={draft.at} onChange={(at) => set({ at })} />
            </>
          )}
          {draft.kind === 'scale' && (
            <>
              {triple(text.factor, 'factor')}
              {triple(text.about, 'about')}
            </>
          )}
          {(draft.kind === 'optimise' || draft.kind === 'level') && (
            <LengthField label={text.tolerance} digits={4} min={0} max={1} value={draft.tolerance} onChange={(tolerance) => set({ tolerance })} />
          )}
          {draft.kind === 'optimise' && (
            <>
              <Switch label={text.dropsWords} checked={draft.dropsWords} onChange={(event) => set({ dropsWords: event.currentTarget.checked })} />
              <Switch label={text.mergesLines} checked={draft.mergesLines} onChange={(event) => set({ mergesLines: event.currentTarget.checked })} />
              <Switch label={text.fitsArcs} checked={draft.fitsArcs} onChange={(event) => set({ fitsArcs: event.currentTarget.checked })} />
            </>
          )}
          {draft.kind === 'level' && machine && maps !== undefined && (
            <Select
              label={text.probed(machine.name)}
              description={maps.length === 0 ? text.noneProbed(machine.name) : undefined}
              disabled={maps.length === 0}
              placeholder={text.chooseProbed}
              data={maps.map(({ id, at, result: { heightMap: map } }) => ({
                value: id,
                label: `${format.dateTime(at)} · ${map?.columns} × ${map?.rows} · ${map?.minMm.map((mm) => units.length(mm, 1)).join(' / ')} … ${map?.maxMm.map((mm) => units.length(mm, 1)).join(' / ')} ${units.unit}`,
              }))}
              onChange={(id) => {
                const kept = maps.find((one) => one.id === id)
                if (kept?.result.heightMap) set({ map: kept.result.heightMap, mapName: format.dateTime(kept.at) })
              }}
              data-testid="probed-maps"
            />
          )}
          {draft.kind === 'level' && (
            <label className="p-file">
              <FileUp size={18} aria-hidden />
              <span>{draft.map ? text.mapTaken(draft.mapName, `${draft.map.columns} × ${draft.map.rows}`) : text.chooseMap}</span>
              <input
                type="file"
                accept=".json,application/json"
                onChange={(event) => {
                  const [file] = event.currentTarget.files ?? []
                  if (file) void takeMap(file)
                }}
              />
            </label>
          )}
          <TextInput label={text.name} value={target} onChange={(event) => setName(event.currentTarget.value)} maxLength={200} data-testid="transform-name" />
          {problem && (
            <p className="p-problem" role="alert">
              {problem}
            </p>
          )}
          <footer className="p-dialog-foot">
            <p className="p-hint">{text.keeps}</p>
            <Button loading={isBusy} disabled={!transform || target.trim() === ''} onClick={make} data-testid="transform-make">
              {text.make}
            </Button>
          </footer>
        </>
      )}
    </WorkDialog>
  )
}

/** Height maps probed on a machine, newest first; undefined until they are known. */
function useHeightMaps(machineId: string | undefined, isWanted: boolean): readonly KeptProbe[] | undefined {
  const [maps, setMaps] = useState<readonly KeptProbe[]>()
  useEffect(() => {
    setMaps(undefined)
    if (!machineId || !isWanted) return
    const asked = new AbortController()
    call(listProbeResults, { params: { machineId }, query: { cycle: 'height-map', limit: 20 }, signal: asked.signal }).then(
      (kept) => setMaps(kept.filter(({ result }) => result.heightMap !== undefined)),
      // a map can still come from a file
      () => {},
    )
    return () => asked.abort()
  }, [machineId, isWanted])
  return maps
}
