/** An S3 bucket: of AWS, or of a server of one's own (MinIO, Ceph, Garage), asked with the bucket in the path. */
import { createReadStream } from 'node:fs'
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import type { OpenPlace, Place } from './contract.ts'
import { requireSame } from './read-back.ts'

type S3 = Extract<OpenPlace['place'], { kind: 's3' }>

/** 10,000 parts are the most that S3 takes: back-ups up to 160 GB. */
const PART_BYTES = 16_777_216

/** @throws UserError place-sign-in, place-bucket, place-refused; OperationalError place-unreachable */
export async function openS3({ place, secret, signal }: OpenPlace & { place: S3 }): Promise<Place> {
  const client = new S3Client({
    endpoint: place.endpoint,
    region: place.region,
    forcePathStyle: true,
    credentials: { accessKeyId: place.accessKeyId, secretAccessKey: secret ?? '' },
    maxAttempts: 4,
    // servers other than AWS's often know no trailing checksums; what lies there is read back anyway
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const folder = place.folder.replace(/^\/+|\/+$/g, '')
  const keyOf = (name: string) => (folder ? `${folder}/${name}` : name)
  const Bucket = place.bucket
  const aborts = signal ? { abortSignal: signal } : {}
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw inWords(error, place)
    }
  }
  return {
    async put(name, { file, part: _, ...sent }, onProgress) {
      const upload = new Upload({
        client,
        params: { Bucket, Key: keyOf(name), Body: createReadStream(file) },
        partSize: PART_BYTES,
        queueSize: 2,
        leavePartsOnError: false,
      })
      upload.on('httpUploadProgress', ({ loaded }) => onProgress?.(loaded ?? 0, 'sending'))
      const stop = () => void upload.abort()
      signal?.addEventListener('abort', stop, { once: true })
      try {
        // an object appears whole or not at all
        await told(upload.done())
      } finally {
        signal?.removeEventListener('abort', stop)
      }
      const { Body } = await told(client.send(new GetObjectCommand({ Bucket, Key: keyOf(name) }), aborts))
      try {
        await requireSame(Body as AsyncIterable<Buffer>, sent, (done) => onProgress?.(done, 'checking'))
      } catch (error) {
        await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(name) })).catch(() => {}) // what failed is told
        throw inWords(error, place)
      }
    },
    async list() {
      const names: string[] = []
      let from: string | undefined
      do {
        const page = await told(
          client.send(
            new ListObjectsV2Command({ Bucket, Prefix: folder ? `${folder}/` : '', ...(from === undefined ? {} : { ContinuationToken: from }) }),
            aborts,
          ),
        )
        for (const { Key } of page.Contents ?? []) if (Key) names.push(folder ? Key.slice(folder.length + 1) : Key)
        from = page.IsTruncated ? page.NextContinuationToken : undefined
      } while (from !== undefined)
      return names
    },
    remove: async (name) => void (await told(client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(name) }), aborts))),
    close: async () => client.destroy(),
  }
}

function inWords(error: unknown, { endpoint, bucket }: S3): unknown {
  if (error instanceof UserError || error instanceof OperationalError) return error
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
  if (name === 'NoSuchBucket') return new UserError({ code: 'place-bucket', message: `There is no bucket "${bucket}" at ${endpoint}.`, cause: error })
  if (name === 'InvalidAccessKeyId' || name === 'SignatureDoesNotMatch')
    return new UserError({ code: 'place-sign-in', message: `${endpoint} does not accept this access key and secret key.`, cause: error })
  if ($metadata?.httpStatusCode === 403)
    return new UserError({ code: 'place-refused', message: `This access key may not write, read and delete in the bucket "${bucket}".`, cause: error })
  return new OperationalError({ code: 'place-unreachable', message: `${endpoint} cannot be reached or refuses: ${messageOf(error)}`, cause: error })
}
