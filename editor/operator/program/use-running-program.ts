/** The program a machine works on, as it is stored: by the job that asked for it. */
import { useEffect, useState } from 'react'
import { listPrograms, type MachineView, type Program } from '../../../server/api/machines.ts'
import { getJob } from '../../../server/api/work.ts'
import { call } from '../../shared/api.ts'

/** The stored program of the job at work, or the one that was broken off; undefined while it is not known. */
export function useRunningProgram(machine: MachineView, maySee: boolean): { program: Program | undefined; error: string | undefined } {
  const [known, setKnown] = useState<{ jobId: string; program: Program | undefined; error?: string }>()
  const jobId = machine.state?.job?.jobId
  const sha256 = machine.state?.resumable?.sha256
  const key = jobId ?? sha256
  useEffect(() => {
    if (key === undefined || !maySee) return
    let isOver = false
    const find = async (): Promise<Program | undefined> => {
      const programs = await call(listPrograms, {})
      if (jobId === undefined) return programs.find((one) => one.sha256 === sha256)
      const { programId } = await call(getJob, { params: { jobId } })
      return programs.find(({ id }) => id === programId)
    }
    find().then(
      (program) => isOver || setKnown({ jobId: key, program }),
      (error: Error) => isOver || setKnown({ jobId: key, program: undefined, error: error.message }),
    )
    return () => {
      isOver = true
    }
  }, [key, jobId, sha256, maySee])
  return known?.jobId === key ? { program: known?.program, error: known?.error } : { program: undefined, error: undefined }
}
