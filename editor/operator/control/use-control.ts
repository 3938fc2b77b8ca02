/** Which panel has control of which machine, and this panel's sign of life. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { MachineControl } from '../../../server/api/panel.ts'
import { controlMachine, panelAlive } from '../../../server/api/panel.ts'
import { call, callAsPanel, knowClockOffset } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { panelId, usePanelSettings } from '../people/panel-settings.ts'

/** The server takes a panel for gone after ten seconds. */
const ALIVE_EVERY_MS = 3_000

export type ControlAct = 'take' | 'ask' | 'withdraw' | 'hand-over' | 'refuse' | 'give-back'

export interface Control {
  list: readonly MachineControl[]
  of(machineId: string): MachineControl | undefined
  /** Another panel has the machine. */
  isElsewhere(machineId: string): boolean
  isHere(machineId: string): boolean
  act(machineId: string, act: ControlAct): Promise<void>
}

/** @param fallbackName for a panel that nobody has named */
export function useControl(fallbackName: string): Control {
  const told = useLive('panel-control')
  const [list, setList] = useState<readonly MachineControl[]>([])
  const { name } = usePanelSettings()
  const shownName = name.trim() || fallbackName
  const mine = useRef<string[]>([])
  useEffect(() => {
    if (told.value) setList(told.value)
  }, [told.value])
  useEffect(() => {
    mine.current = list.filter(({ holder }) => holder.panelId === panelId).map(({ machineId }) => machineId)
  }, [list])
  useEffect(() => {
    callAsPanel(panelId)
    let isOver = false
    const say = async () => {
      const asked = Date.now()
      try {
        const { now, controls } = await call(panelAlive, { body: { panelId, name: shownName, controls: mine.current } })
        // half of the way there and back
        knowClockOffset(now - (asked + Date.now()) / 2)
        if (!isOver) setList(controls)
      } catch (error) {
        // the banner of the page tells of a lost line; the next sign of life is soon
        console.info('panel:', error instanceof Error ? error.message : error)
      }
    }
    void say()
    const timer = setInterval(say, ALIVE_EVERY_MS)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [shownName])
  const of = (machineId: string) => list.find((one) => one.machineId === machineId)
  return {
    list,
    of,
    isElsewhere: (machineId) => {
      const holder = of(machineId)?.holder
      return holder !== undefined && holder.panelId !== panelId
    },
    isHere: (machineId) => of(machineId)?.holder.panelId === panelId,
    act: useCallback(async (machineId, act) => setList(await call(controlMachine, { params: { machineId }, body: { panelId, act } })), []),
  }
}
