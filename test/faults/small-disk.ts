/** A disk of a few megabytes: a tmpfs, which only root may mount. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  dir: string
  /** Takes all the room there is. */
  fill(): void
  /** Takes room until only so many bytes are left; nothing when there are fewer. */
  fillTo(leftBytes: number): void
  /** Gives back what was taken. */
  makeRoom(): void
  freeBytes(): number
  close(): void
}

/** Whether {@link mountSmallDisk} can; nothing stays mounted. */
export function canMount(): boolean {
  const probe = mountSmallDisk(1)
  probe?.close()
  return probe !== undefined
}

/** Undefined where this user may not mount (not root, or a container without the right to). */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'cellwright-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', dir], { stdio: 'ignore' })
  } catch {
    rmSync(dir, { recursive: true, force: true })
    return undefined
  }
  const ballast = join(dir, 'ballast')
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(dir)
    return bavail * bsize
  }
  return {
    dir,
    freeBytes,
    fill() {
      const file = openSync(ballast, 'a')
      try {
        for (let piece = Buffer.alloc(1 << 20); ; ) {
          try {
            writeSync(file, piece)
          } catch {
            if (piece.length === 1) return
            piece = Buffer.alloc(piece.length >> 4 || 1)
          }
        }
      } finally {
        closeSync(file)
      }
    },
    fillTo(leftBytes) {
      const file = openSync(ballast, 'a')
      try {
        const piece = Buffer.alloc(1 << 20)
        while (freeBytes() > leftBytes + piece.length) writeSync(file, piece)
      } finally {
        closeSync(file)
      }
    },
    makeRoom: () => rmSync(ballast, { force: true }),
    close() {
      // lazily: what was killed may hold a file for a moment
      execFileSync('umount', ['-l', dir], { stdio: 'ignore' })
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
