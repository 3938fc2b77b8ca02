/** Somewhere else, where back-ups are brought. */
import type { BackupPlace } from '../../api/backup.ts'

export interface Place {
  /**
   * Brings a file there under this name, whole or not at all, and reads it back: what lies there is what was sent.
   * @param from.part its name there until it is whole. One that broke off may stay: the next one of the same name takes its place. @defaultValue `name.part`
   * @throws UserError place-…, OperationalError place-…
   */
  put(
    name: string,
    from: { file: string; bytes: number; sha256: string; part?: string | undefined },
    onProgress?: (bytes: number, step: 'sending' | 'checking') => void,
  ): Promise<void>
  /** Names of files there, ours and others'. */
  list(): Promise<string[]>
  remove(name: string): Promise<void>
  close(): Promise<void>
}

/** A place with what opens it; only the helper process and the test see it so. */
export interface OpenPlace {
  place: Exclude<BackupPlace, { kind: 'kept' }>
  /** SFTP: password or private key. S3: secret key. */
  secret: string | undefined
  /** Told the key that an SFTP server shows. */
  onHostKey?: (hostKey: string) => void
  signal?: AbortSignal
}
