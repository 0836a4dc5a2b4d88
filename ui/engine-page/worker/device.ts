/** A GPUDevice of our own: the one that ONNX Runtime would make has the limits of the smallest devices. */
import { GenerateError } from '../../../models/protocol.js';

/** What the kernels can use, as far as it is there. */
const FEATURES = ['shader-f16', 'subgroups'] as const;

/** A transformer's largest weight must fit one binding; the default is 128 MB. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** @throws GenerateError `engine-unavailable` when there is no WebGPU */
export async function openDevice(): Promise<{ device: GPUDevice; name: string }> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new GenerateError('engine-unavailable', 'The browser offers no graphics adapter through WebGPU.');
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((name) => adapter.features.has(name)) as GPUFeatureName[],
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  const { description, vendor, architecture } = adapter.info;
  return { device, name: description || [vendor, architecture].filter(Boolean).join(' ') || 'Graphics card' };
}
