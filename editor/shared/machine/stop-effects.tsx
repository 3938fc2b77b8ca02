/** What a stop does to the jobs that wait behind what runs: said beside the button, with the way to keep them. */
import { useState, useSyncExternalStore } from 'react'
import { changeQueue, listStopEffects, type StopEffect } from '../../../server/api/jobs.ts'
import { call } from '../api.ts'
import { live } from '../live.ts'
import { may, useMe } from '../me.ts'
import { formats, useLanguage } from '../text/index.ts'
import { useMachineText } from './use-machine-text.ts'

/** Jobs change many times a second; this is read so often at most. */
const GATHER_MS = 700
const NONE: readonly StopEffect[] = []

/** One reading for all who show it: the stops beside a page, those in its frame, a row. */
let known: readonly StopEffect[] = NONE
const watchers = new Set<() => void>()
let end = () => {}
let again = () => {}

function begin(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isGone = false
  const read = () => {
    timer = undefined
    call(listStopEffects).then(
      (found) => {
        if (isGone) return
        known = found
        for (const watcher of watchers) watcher()
      },
      // what was said last stays; the stop itself needs none of it
      () => {},
    )
  }
  const soon = () => {
    timer ??= setTimeout(read, GATHER_MS)
  }
  again = read
  read()
  const ends = [
    live().subscribe('jobs', soon, ({ state, progress }) => (state === 'active' && progress ? undefined : soon())),
    live().subscribe('job-queues', soon, soon),
  ]
  return () => {
    isGone = true
    known = NONE
    clearTimeout(timer)
    for (const one of ends) one()
  }
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher)
  if (watchers.size === 1) end = begin()
  return () => {
    watchers.delete(watcher)
    if (!watchers.size) end()
  }
}
const never = () => () => {}

/** Of the machines behind whose program others wait. */
export function useStopEffects(isWanted: boolean): readonly StopEffect[] {
  return useSyncExternalStore(isWanted ? watch : never, () => (isWanted ? known : NONE))
}

/** Of these machines only, for whoever may see their jobs. */
export function useStopEffectsOf(machineIds: readonly (string | undefined)[]): readonly StopEffect[] {
  const { me } = useMe()
  return useStopEffects(may(me, 'jobs.view')).filter(({ machineId }) => machineIds.includes(machineId))
}

/** In a sentence: how many, which, and what becomes of them. */
export function useStopEffectWords(): (effect: StopEffect) => string {
  const text = useMachineText()
  const format = formats(useLanguage())
  return ({ afterBreak, waiting, first }) => {
    const more = waiting - first.length
    const names = `${first.join(', ')}${more > 0 ? ` ${text.andMore(format.number(more))}` : ''}`
    return afterBreak === 'cancel' ? text.stopCancels(format.number(waiting), names) : text.stopKeeps(format.number(waiting), names)
  }
}

/** How many jobs a stop cancels with the program that it ends: for the button itself. Empty where it cancels none. */
export function useCancelledWords(): (effects: readonly StopEffect[]) => string {
  const text = useMachineText()
  const format = formats(useLanguage())
  return (effects) => {
    const count = cancelling(effects).reduce((sum, { waiting }) => sum + waiting, 0)
    return count ? text.alsoCancels(format.number(count)) : ''
  }
}
const cancelling = (effects: readonly StopEffect[]) => effects.filter(({ afterBreak }) => afterBreak === 'cancel')

export interface StopEffectsProps {
  effects: readonly StopEffect[]
  /** Where the stop is for several machines: what each is called. */
  nameOf?: ((machineId: string) => string) | undefined
}

/** Which jobs, machine by machine. */
export function StopEffects({ effects, nameOf }: StopEffectsProps) {
  const text = useMachineText()
  const { me } = useMe()
  const say = useStopEffectWords()
  const [problem, setProblem] = useState<string>()
  if (!effects.length) return null
  const cancels = cancelling(effects)
  const keep = () => {
    setProblem(undefined)
    Promise.all(cancels.map(({ queue }) => call(changeQueue, { params: { queue }, body: { afterBreak: 'hold' } }))).then(
      () => again(),
      (error: Error) => setProblem(error.message),
    )
  }
  return (
    <div className="cw-stop-effects" data-testid="stop-effects" data-cancels={cancels.length > 0 || undefined}>
      {effects.map((effect) => (
        <p key={effect.queue}>
          {nameOf && <strong>{nameOf(effect.machineId)}: </strong>}
          {say(effect)}
        </p>
      ))}
      {cancels.length > 0 && may(me, 'jobs.manage') && (
        <button type="button" onClick={keep} data-testid="stop-keeps">
          {text.keepWaiting}
        </button>
      )}
      {problem && <p role="alert">{problem}</p>}
    </div>
  )
}
