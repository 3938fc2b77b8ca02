/** The sound of an alarm that nobody has seen: short, every few seconds, made here (a panel may be offline). */
import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { PanelMessage } from '../../../server/api/panel.ts'
import { changeSettings, usePanelSettings } from '../people/panel-settings.ts'
import { callsOut } from './urgency.ts'

const AGAIN_MS = 4_000
const ALARM_HZ = [880, 660]
const ACTION_HZ = [660]
const TONE_S = 0.16

let audio: AudioContext | undefined
const watchers = new Set<() => void>()
const tell = () => {
  for (const watcher of watchers) watcher()
}

/** A browser lets a page be heard only after somebody has touched it: so the sound is made ready with the first touch, whatever it is for. */
const GESTURES = ['pointerup', 'keydown', 'touchend'] as const
function ready(): void {
  if (!audio) {
    audio = new AudioContext()
    audio.onstatechange = tell
  }
  if (audio.state !== 'running') void audio.resume().then(tell)
}
const onGesture = () => {
  if (navigator.userActivation?.hasBeenActive === false) return
  for (const gesture of GESTURES) removeEventListener(gesture, onGesture, { capture: true })
  ready()
}
for (const gesture of GESTURES) addEventListener(gesture, onGesture, { capture: true, passive: true })

/** What is switched on is heard at once: the person then knows how it sounds, and that it does. */
export function switchSound(hasSound: boolean): void {
  changeSettings({ hasSound })
  if (!hasSound) return
  ready()
  play(ACTION_HZ)
}

/** The sound is on, and the browser will not let it be heard before a touch. */
export function useIsSoundWaiting(): boolean {
  const { hasSound } = usePanelSettings()
  const isReady = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => audio?.state === 'running',
  )
  return hasSound && !isReady
}

function play(tones: readonly number[]): void {
  // not touched yet: the page says so in words
  if (!audio) return
  const { currentTime, destination } = audio
  for (const [index, frequency] of tones.entries()) {
    const begin = currentTime + index * (TONE_S + 0.04)
    const tone = new OscillatorNode(audio, { frequency, type: 'triangle' })
    const volume = new GainNode(audio, { gain: 0 })
    // without a ramp it cracks
    volume.gain.setValueAtTime(0, begin)
    volume.gain.linearRampToValueAtTime(0.35, begin + 0.02)
    volume.gain.linearRampToValueAtTime(0, begin + TONE_S)
    tone.connect(volume).connect(destination)
    tone.start(begin)
    tone.stop(begin + TONE_S + 0.02)
  }
}

export function useSound(messages: readonly PanelMessage[]): void {
  const { hasSound } = usePanelSettings()
  const calling = messages.filter(callsOut)
  const isAlarm = calling.some(({ priority }) => priority === 'alarm')
  const heard = useRef(new Set<string>())
  const key = hasSound ? calling.map(({ id }) => id).join(' ') : ''
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` names the messages that call
  useEffect(() => {
    if (key === '') return
    const isNew = calling.some(({ id }) => !heard.current.has(id))
    for (const { id } of calling) heard.current.add(id)
    // what asks for an answer is said once, an alarm until somebody has seen it
    if (isAlarm || isNew) play(isAlarm ? ALARM_HZ : ACTION_HZ)
    if (!isAlarm) return
    const timer = setInterval(() => play(ALARM_HZ), AGAIN_MS)
    return () => clearInterval(timer)
  }, [key, isAlarm])
}
