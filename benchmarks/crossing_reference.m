% The published Poisson multi-Bernoulli mixture filter, run on the scans of benchmarks/crossing.py.
%
%   octave-cli benchmarks/crossing_reference.m MTT SCANS OUT FIRST LAST
%
% MTT is a checkout of github Agarciafernandez/MTT at cc5c6df0 (BSD 2-Clause, A. F. Garcia-Fernandez); SCANS
% the folder written by `python -m benchmarks.crossing --write SCANS`; OUT gets one file a run, and
% runs already there are skipped. Filter, limits, estimator and metric are the authors' own, called
% as their demonstration calls them: pruning 1e-4, 1e-5, 1e-5, gate 20, 200 hypotheses, estimator 1
% with 0.4. What is ours is what Octave lacks: random numbers are not needed, a Gaussian density, and
% the k best assignments, exactly as kBest2DAssign gives them (their file needs classes that Octave
% cannot load). A component of weight 1e-9 is added to the first intensity, because Octave cannot delete
% from an array of one matrix; it is pruned at once.
1;

function p = mvnpdf(x, m, S)
  d = x - m;
  p = exp(-0.5 * (d' * (S \ d))) / sqrt(det(2 * pi * S));
end

function [rows, unused, costs] = kBest2DAssign(C, k)
  % Rows in turn, each to a free column; a partial answer is dropped only if at its cheapest it
  % cannot be among the k best, of which completions by columns of one row each are a bound.
  unused = [];
  n = size(C, 1);
  allowed = isfinite(C);
  least = min(C, [], 2);
  private = C;
  private(:, sum(allowed, 1) > 1) = Inf;
  alone = min(private, [], 2);
  rest = [cumsum(least(end:-1:1))(end:-1:1); 0];
  lonely = [cumsum(alone(end:-1:1))(end:-1:1); 0];
  chosen = zeros(n, 1);
  spent = 0;
  for i = 1:n
    next = cell(1, 0);
    cost = cell(1, 0);
    for c = find(allowed(i, :))
      free = find(~any(chosen(1:i - 1, :) == c, 1));
      grown = chosen(:, free);
      grown(i, :) = c;
      next{end + 1} = grown;
      cost{end + 1} = spent(free) + C(i, c);
    end
    chosen = [next{:}];
    spent = [cost{:}];
    if numel(spent) > k
      top = sort(spent + lonely(i + 1));
      keep = spent + rest(i + 1) <= top(k) + 1e-9;
      chosen = chosen(:, keep);
      spent = spent(keep);
    end
  end
  [costs, order] = sort(spent');
  k = min(k, numel(order));
  costs = costs(1:k);
  rows = chosen(:, order(1:k));
end

arguments = argv();
[mtt, scans, out] = arguments{1:3};
addpath([mtt '/PMBM filter'], [mtt '/GOSPA code']);
randn('seed', 9);
ScenarioWilliams15;  % the authors' parameters; its trajectories are replaced below

for run = str2num(arguments{4}):str2num(arguments{5})
  name = sprintf('%s/run%03d.csv', out, run);
  if exist(name, 'file')
    continue
  end
  drawn = load(sprintf('%s/run%03d.mat', scans, run));
  filter = struct('weightPois', [lambda0 1e-9], 'meanPois', [means_b means_b]);
  filter.covPois = cat(3, covs_b, covs_b);
  filter.tracks = cell(0, 1);
  filter.globHyp = [];
  filter.globHypWeight = [];
  scores = zeros(Nsteps, 5);
  for k = 1:Nsteps
    z = drawn.scans{k};
    filter = PoissonMBMtarget_update(filter, z, H, R, p_d, k, 20, intensity_clutter, 200);
    found = PoissonMBMtarget_estimate1(filter, 0.4);
    [all, near, missed, wrong] = ComputeGOSPAerror(found, drawn.truth, t_birth, t_death, c_gospa, k);
    scores(k, :) = [run k near missed wrong];
    filter = PoissonMBMtarget_pruning(filter, 1e-4, 1e-5, 200, 1e-5);
    filter = PoissonMBMtarget_pred(filter, F, Q, p_s, weights_b, means_b, covs_b);
  end
  csvwrite(name, scores);
end
