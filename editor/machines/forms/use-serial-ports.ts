/** The serial ports of the host, looked at again and again while they are shown: a cable that is plugged in appears by itself. */
import { useCallback, useEffect, useState } from 'react'
import { listSerialPorts, type SerialPortInfo } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'

const EVERY_MS = 2_000

export interface SerialPorts {
  /** Undefined until the first answer. */
  ports: SerialPortInfo[] | undefined
  error: string | undefined
  isLooking: boolean
  look: () => void
}

export function useSerialPorts(): SerialPorts {
  const [known, setKnown] = useState<{ ports: SerialPortInfo[] | undefined; error: string | undefined }>({ ports: undefined, error: undefined })
  const [isLooking, setLooking] = useState(false)
  const ask = useCallback(
    () =>
      call(listSerialPorts).then(
        (ports) => setKnown({ ports, error: undefined }),
        (error: Error) => setKnown((was) => ({ ports: was.ports, error: error.message })),
      ),
    [],
  )
  useEffect(() => {
    void ask()
    const timer = setInterval(() => {
      if (!document.hidden) void ask()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [ask])
  const look = () => {
    setLooking(true)
    void ask().finally(() => setLooking(false))
  }
  return { ...known, isLooking, look }
}
