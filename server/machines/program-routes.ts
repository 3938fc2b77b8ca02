/** Routes of the program library, and of a program in front of a machine: check, start plan. */
import { checkProgramOnMachine, getProgramFile, getProgramText, listPrograms, planStart, removeProgram, transformProgram, uploadProgram } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { checkOn } from './check.ts'
import { asGuardGone } from './machines.ts'
import { sendProgramFile } from './program-file.ts'
import type { RouteParts } from './route-parts.ts'
import { CHECK_MS } from './timeouts.ts'

export function programRoutes({ machines, programs, transforms, audit }: RouteParts): RouteHandler[] {
  return [
    handle(listPrograms, () => programs.all()),
    handle(uploadProgram, async ({ query, caller, request }) => {
      const program = await programs.upload({ name: query.name, content: request, maxBytes: uploadProgram.maxBodyBytes ?? 0, by: caller.userName })
      audit.record({
        caller,
        action: 'uploaded a program',
        target: program.id,
        detail: { name: program.name, revision: program.revision, sha256: program.sha256 },
      })
      return program
    }),
    handle(getProgramText, ({ params, query }) => programs.lines(params.programId, query.from, query.count)),
    handle(getProgramFile, async ({ params, request, response }) => {
      const program = await programs.get(params.programId)
      await sendProgramFile({ program, path: programs.path(program.sha256), request, response })
      return undefined
    }),
    handle(removeProgram, async ({ params, caller }) => {
      await programs.remove(params.programId)
      audit.record({ caller, action: 'removed a program', target: params.programId })
      return { ok: true as const }
    }),
    handle(transformProgram, async ({ params, body: { name, transform }, caller }) => {
      const { program, report } = await transforms.make({ programId: params.programId, name, transform, by: caller.userName })
      audit.record({ caller, action: 'made a program from another', target: program.id, detail: { name, origin: program.origin, report } })
      return { program, report }
    }),
    handle(checkProgramOnMachine, async ({ params: { machineId }, body }) => {
      const { sha256 } = await programs.find(body.programId)
      const options = { blockDelete: body.blockDelete === true }
      return checkOn(machines, machineId, { path: programs.path(sha256), sha256, options }).catch(asGuardGone(machineId))
    }),
    handle(planStart, async ({ params: { machineId }, body, caller }) => {
      const guard = machines.guard(machineId)
      const { sha256, name } = await programs.find(body.programId)
      audit.record({ caller, action: 'planned a start at a line', target: machineId, detail: { program: name, fromLine: body.fromLine } })
      return guard
        .call(
          'planStart',
          { path: programs.path(sha256), sha256, programName: name, fromLine: body.fromLine, blockDelete: body.blockDelete === true, by: caller.name },
          { timeoutMs: CHECK_MS },
        )
        .catch(asGuardGone(machineId))
    }),
  ]
}
