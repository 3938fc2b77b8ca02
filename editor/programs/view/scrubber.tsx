/** Goes along a program: a slider over its whole path, single steps, and a play button. */
import { ActionIcon } from '@mantine/core'
import { ChevronFirst, ChevronLast, Pause, Play, StepBack, StepForward } from 'lucide-react'
import { memo, useEffect, useRef, useState } from 'react'
import { secondsUntilDone, type TimelineData } from '../../../nodes/motion/gcode/index.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useProgramsText } from '../use-programs-text.ts'

/** However long a program is, playing it takes about so long. */
const PLAY_S = 30
/** A short one is not rushed. */
const MOST_PER_S = 60

export interface ScrubberProps {
  place: number
  whole: number
  line: number
  totalLines: number
  timeline: TimelineData | undefined
  onChange: (place: number) => void
}

export const Scrubber = memo(function Scrubber({ place, whole, line, totalLines, timeline, onChange }: ScrubberProps) {
  const text = useProgramsText().scrub
  const format = formats(useLanguage())
  const [isPlaying, setPlaying] = useState(false)
  const at = useRef(place)
  if (!isPlaying) at.current = place
  useEffect(() => {
    if (!isPlaying) return
    let frame = 0
    let before = performance.now()
    const perMs = whole / 1000 / Math.max(PLAY_S, whole / MOST_PER_S < PLAY_S ? whole / MOST_PER_S : PLAY_S)
    const step = (now: number) => {
      at.current = Math.min(whole, at.current + (now - before) * perMs)
      before = now
      onChange(Math.max(1, Math.round(at.current)))
      if (at.current >= whole) setPlaying(false)
      else frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
    return () => cancelAnimationFrame(frame)
  }, [isPlaying, whole, onChange])
  const go = (to: number) => {
    setPlaying(false)
    onChange(Math.max(1, Math.min(whole, to)))
  }
  const isDisabled = whole === 0
  const elapsed = timeline && line > 0 ? secondsUntilDone(timeline, line) : timeline?.totalS
  const button = (label: string, Icon: typeof Play, to: () => void, isOn = false) => (
    <ActionIcon variant="subtle" color="gray" size={36} aria-label={label} title={label} disabled={isDisabled} aria-pressed={isOn || undefined} onClick={to}>
      <Icon size={18} />
    </ActionIcon>
  )
  return (
    <div className="scrub">
      <input
        type="range"
        min={Math.min(1, whole)}
        max={Math.max(1, whole)}
        step={1}
        value={Math.max(Math.min(1, whole), Math.min(place, whole))}
        disabled={isDisabled}
        aria-label={text.label}
        aria-valuetext={text.line(format.number(line), format.number(totalLines))}
        onChange={(event) => go(Number(event.currentTarget.value))}
        data-testid="scrub"
      />
      <div className="scrub-buttons">
        {button(text.first, ChevronFirst, () => go(1))}
        {button(text.back, StepBack, () => go(place - 1))}
        {isPlaying
          ? button(text.pause, Pause, () => setPlaying(false), true)
          : button(text.play, Play, () => {
              if (at.current >= whole) at.current = 0
              setPlaying(true)
            })}
        {button(text.forward, StepForward, () => go(place + 1))}
        {button(text.last, ChevronLast, () => go(whole))}
        <span className="cw-numbers scrub-line" data-testid="scrub-line">
          {line > 0 ? text.line(format.number(line), format.number(totalLines)) : text.all(format.number(totalLines))}
        </span>
        {elapsed !== undefined && timeline && (
          <span className="cw-numbers scrub-time">
            {format.span(elapsed)} / {format.span(timeline.totalS)}
          </span>
        )}
      </div>
    </div>
  )
})
